"""The Temporal server of a test run, and the worker under which journeys are tested: sandboxed, on a real database."""

import contextlib
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from temporalio import activity
from temporalio.client import Client
from temporalio.service import RPCError
from temporalio.testing import TimeSkippingConfig, WorkflowEnvironment
from temporalio.worker import Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions
from temporalio.workflow import SandboxImportNotificationPolicy

from activities.journeys import JourneyActivities
from activities.recoveries import RecoveryActivities
from activities.rollouts import RolloutActivities
from activities.sim_checks import SimActivities
from activities.steps import Step
from activities.waves import WaveActivities
from domain.facts import Facts
from domain.messages.messages import Queue
from domain.ports import SimChecker
from domain.rollouts.rollout import UNDER_WAY, Command, CommandRefused, Order
from store import Database
from store.journeys import journeys
from store.rollouts import cohorts
from tests.factories import send_everything
from workflows import rollouts
from workflows.converter import data_converter
from workflows.migration import MigrationWorkflow
from workflows.recovery import RecoveryWorkflow
from workflows.rollout import RolloutWorkflow
from workflows.running_journeys import start_all, workflow_id

OPERATOR = "operator@example.org"

_MORE_TRIES = 3

TEMPORAL = Path(sys.executable).parent / "temporal"

STRICT_SANDBOX = SandboxedWorkflowRunner(
    restrictions=replace(
        SandboxRestrictions.default,
        import_notification_policy=SandboxImportNotificationPolicy.WARN_ON_DYNAMIC_IMPORT
        | SandboxImportNotificationPolicy.RAISE_ON_UNINTENTIONAL_PASSTHROUGH,
    )
)


async def started(start: Callable[[], Awaitable[WorkflowEnvironment]]) -> WorkflowEnvironment:
    """A server of its own, started once more if it did not come up.

    A busy machine may take longer than the library waits, and a port that was free may be another's by then.
    """
    for _ in range(_MORE_TRIES):
        with contextlib.suppress(RuntimeError):
            return await start()
    return await start()


@asynccontextmanager
async def time_skipping_server(*, suggests_to_continue_at: int = 150) -> AsyncIterator[WorkflowEnvironment]:
    """A development server on which every workflow has a clock of its own, moved by `fast_forward` alone.

    After `suggests_to_continue_at` events it suggests to workflows that they continue as new.
    """
    environment = await started(
        lambda: WorkflowEnvironment.start_time_skipping_v2(
            ts_config=TimeSkippingConfig(enabled=False),
            data_converter=data_converter,
            dev_server_existing_path=str(TEMPORAL),
            dev_server_extra_args=[
                "--dynamic-config-value",
                "frontend.WorkflowTimeSkippingEnabled=true",
                "--dynamic-config-value",
                f"limit.historyCount.suggestContinueAsNew={suggests_to_continue_at}",
            ],
        )
    )
    try:
        yield environment
    finally:
        await environment.shutdown()


class SentAtOnce(JourneyActivities):
    """The acts of a journey, with providers that take a notice at the moment it is given by the journey's own clock."""

    @activity.defn
    def give_notice(self, step: Step) -> Facts:
        """Give notice and send it; of the sending the journey hears as little as it does elsewhere."""
        facts = super().give_notice(step)
        with self._database.transaction() as session:
            send_everything(session, step.account_id, at=step.at)
        return facts


@asynccontextmanager
async def journey_worker(
    client: Client,
    database: Database,
    *,
    max_cached_workflows: int = 1000,
    sends_notices: bool = True,
    sim_checker: SimChecker | None = None,
) -> AsyncIterator[None]:
    """A worker for journeys; without a cache it replays the whole history at every wake-up."""
    journey_acts = SentAtOnce(database) if sends_notices else JourneyActivities(database)
    acts = RolloutActivities(database, _now, [OPERATOR])
    waves = WaveActivities(database, _now, partial(start_all, client, database))
    with ThreadPoolExecutor(max_workers=8) as threads:
        async with (
            Worker(
                client,
                task_queue=Queue.JOURNEYS,
                workflows=[MigrationWorkflow, RolloutWorkflow, RecoveryWorkflow],
                activities=[
                    *journey_acts.all(),
                    *RecoveryActivities(database).all(),
                    *SimActivities(database, sim_checker).all(),
                    *acts.quick(),
                ],
                activity_executor=threads,
                workflow_runner=STRICT_SANDBOX,
                max_cached_workflows=max_cached_workflows,
            ),
            Worker(
                client,
                task_queue=Queue.BULK,
                activities=[*waves.all(), *acts.long()],
                activity_executor=threads,
            ),
        ):
            yield


def _now() -> datetime:
    return datetime.now(UTC)


async def end_journeys(client: Client, database: Database) -> None:
    """End what a test has started, so that the next test's worker is not asked for accounts it does not have."""
    with database.reading() as session:
        under_way = [row.cohort_id for row in cohorts.every(session) if row.stage in UNDER_WAY]
        journeys_under_way = list(journeys.running(session))
    for cohort_id in under_way:
        await _abort(client, database, cohort_id)
    for account_id in journeys_under_way:
        with contextlib.suppress(RPCError):
            await client.get_workflow_handle(workflow_id(account_id)).terminate("the test is over")


async def _abort(client: Client, database: Database, cohort_id: str) -> None:
    """End a rollout by a command: one that is terminated in the middle of an act may keep its worker from stopping."""
    handle = client.get_workflow_handle(rollouts.workflow_id(cohort_id))
    order = Order(command=Command.ABORT, by="tests", reason="the test is over")
    with contextlib.suppress(CommandRefused, RPCError):
        await rollouts.command(client, database, cohort_id, order, now=_now())
        await handle.result()
