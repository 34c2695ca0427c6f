"""What a rollout costs Temporal depends neither on how many people it launches nor on how long that takes."""

import contextlib
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from activities.rollouts import RolloutActivities
from activities.waves import LaunchTask, WaveActivities
from domain.messages.messages import Queue
from domain.rollouts.awaited import ASSESSMENTS_PER_LAUNCH
from domain.rollouts.cohorts import Cohort, Wave, Who
from domain.rollouts.rollout import Stage
from store import Database
from store.people import imports
from store.people.told_accounts import ImportedAccount
from store.rollouts import cohorts, members
from tests.temporal import STRICT_SANDBOX
from tests.waiting import eventually
from tests.workflows.rollouts import BRISK
from workflows import rollouts
from workflows.converter import data_converter
from workflows.rollout import RolloutWorkflow
from workflows.rollout_input import RolloutInput

ALONE = "rollouts-alone"
MOST_EVENTS = 500
A_FEW = 6
"""How much the number of workflow tasks may vary, as answers arrive together or one by one."""

HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Scene:
    """Rollouts with a worker, whose people's journeys are started nowhere."""

    client: Client
    database: Database

    async def launched(self, people: int) -> Sequence[HistoryEvent]:
        """The history of a rollout that has launched so many people."""
        with self.database.transaction() as session:
            tier = f"{people} people"
            imports.take(session, [_person(tier, number) for number in range(people)], at=_now())
            cohort = _cohort(tier)
            row = cohorts.add(session, cohort, at=_now(), by="olga", reason="a test")
            start = RolloutInput(cohort_id=row.cohort_id, cohort=cohort, standing=cohorts.standing(row))
        rollout = await self.client.start_workflow(
            RolloutWorkflow.run, start, id=rollouts.workflow_id(start.cohort_id), task_queue=ALONE
        )
        await eventually(lambda: self._stage(start.cohort_id) is Stage.BAKING, f"{people} are launched")
        with self.database.reading() as session:
            assert members.launched_by_wave(session, start.cohort_id) == {0: people}
        events = (await rollout.fetch_history()).events
        await rollout.terminate("the test is over")
        return list(events)

    def _stage(self, cohort_id: str) -> Stage:
        with self.database.reading() as session:
            return cohorts.standing(cohorts.get(session, cohort_id)).stage


@pytest.fixture
async def scene(environment: WorkflowEnvironment, sqlite_database: Database) -> AsyncIterator[Scene]:
    acts = RolloutActivities(sqlite_database, _now)
    waves = WaveActivities(sqlite_database, _now, _start_nowhere)
    async with contextlib.AsyncExitStack() as stack:
        threads = stack.enter_context(ThreadPoolExecutor())
        await stack.enter_async_context(
            Worker(
                environment.client,
                task_queue=ALONE,
                workflows=[RolloutWorkflow],
                activities=acts.quick(),
                activity_executor=threads,
                workflow_runner=STRICT_SANDBOX,
            )
        )
        await stack.enter_async_context(
            Worker(environment.client, task_queue=Queue.BULK, activities=waves.all())
        )
        yield Scene(environment.client, sqlite_database)


async def test_ten_times_the_people_cost_a_rollout_no_more_events(scene: Scene) -> None:
    few = await scene.launched(300)
    many = await scene.launched(3000)
    assert abs(len(many) - len(few)) <= A_FEW
    assert len(many) < MOST_EVENTS


async def test_a_launch_comes_up_for_breath_however_long_its_pace_makes_it(scene: Scene) -> None:
    scheduled = next(event for event in await scene.launched(1) if _is_launch(event))
    payloads = scheduled.activity_task_scheduled_event_attributes.input.payloads
    (task,) = await data_converter.decode(payloads, [LaunchTask])
    assert task.until
    asked_at = scheduled.event_time.ToDatetime(tzinfo=UTC)
    assert task.until - asked_at <= ASSESSMENTS_PER_LAUNCH * HOUR


def _is_launch(event: HistoryEvent) -> bool:
    return event.activity_task_scheduled_event_attributes.activity_type.name == "launch_wave"


def _cohort(tier: str) -> Cohort:
    return replace(
        BRISK,
        name=tier,
        include=Who(risk_tiers=(tier,)),
        waves=(Wave(percent=100, bake=HOUR),),
        pace=10**9,
        assess_every=HOUR,
    )


def _person(tier: str, number: int) -> ImportedAccount:
    return ImportedAccount(external_id=f"{tier}-{number}", phone=f"+49151{number:08d}", risk_tier=tier)


async def _start_nowhere(account_ids: Sequence[str]) -> None:
    """In place of Temporal, which this is not about."""


def _now() -> datetime:
    return datetime.now(UTC)
