"""How quickly a wave is launched, in comparison with a bare client that starts the same workflows on the same server.

The journeys' queue has no worker in either case, so both measure starting alone. The rollout needs a worker: it has a
queue of its own and, as in `offramp up`, a process of its own.
"""

import argparse
import asyncio
import multiprocessing
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from statistics import median
from typing import Any

from temporalio.client import Client, WorkflowHandle
from temporalio.worker import UnsandboxedWorkflowRunner, Worker
from uuid_utils.compat import uuid7

from activities.rollouts import RolloutActivities
from activities.waves import WaveActivities
from benchmarks.fixtures import Ground, ground, machine, populate
from domain.messages.messages import Queue
from domain.presets import STANDARD
from domain.rollouts.cohorts import Cohort, Wave, Who
from domain.rollouts.launch_windows import LaunchWindows
from domain.rollouts.rollout import Stage
from offramp.clock import clock
from store import Database
from store.journeys import facts
from store.people import accounts
from store.rollouts import cohorts, members
from workflows import rollouts, running_journeys
from workflows.migration import MigrationInput
from workflows.rollout import RolloutWorkflow
from workflows.rollout_input import RolloutInput
from workflows.running_journeys import AT_ONCE, start_all

ROLLOUTS = "benchmark-rollouts"
NO_LIMIT = 10**9
LOOK_EVERY_SECONDS = 0.2


@dataclass(frozen=True, kw_only=True)
class LaunchLeg:
    """One launch: how many journeys were started in how many seconds, and the events that it cost the rollout."""

    people: int
    seconds: float
    events: int = 0

    @property
    def rate(self) -> float:
        """Journeys started per second."""
        return self.people / self.seconds


def main() -> None:
    """Take turns, so that other work of the machine disturbs both alike; print every leg, and the ratios."""
    options = _parser().parse_args()
    with ground() as place, _worker(place):
        asyncio.run(_compare(place, options.people, options.rounds))


async def _compare(place: Ground, people: int, rounds: int) -> None:
    database, client = Database(place.settings.database_url), await place.client()
    print(f"{people} people a leg; {machine()}")
    ratios = []
    for number in range(rounds):
        await asyncio.to_thread(populate, database, people, tier=f"round-{number}")
        bare, wave = await _turns(client, database, people, number)
        print(f"bare client  {bare.rate:7.1f} journeys/s   {bare.seconds:6.1f} s")
        print(f"wave         {wave.rate:7.1f} journeys/s   {wave.seconds:6.1f} s   {wave.events} events")
        ratios.append(wave.rate / bare.rate)
    print(f"ratio        {', '.join(f'{ratio:.2f}' for ratio in ratios)}; median {median(ratios):.2f}")
    print(machine())


async def _turns(client: Client, database: Database, people: int, number: int) -> tuple[LaunchLeg, LaunchLeg]:
    """One leg of each, the bare client's first in every other round: a server slows down as its database grows."""
    if number % 2:
        wave = await _wave(client, database, f"round-{number}")
        return await _bare(client, database, people), wave
    bare = await _bare(client, database, people)
    return bare, await _wave(client, database, f"round-{number}")


async def _bare(client: Client, database: Database, people: int) -> LaunchLeg:
    """Start journeys with the input that a wave gives them, and do nothing else."""
    with database.reading() as session:
        example = facts.read(session, next(accounts.each_id(session, batch=1))[0])
    strangers = [str(uuid7()) for _ in range(people)]
    starts = iter(
        [MigrationInput(account_id=account_id, policy=STANDARD, facts=example) for account_id in strangers]
    )

    async def start_in_turn() -> None:
        for start in starts:
            await running_journeys.start_if_absent(client, start)

    began_at = time.monotonic()
    await asyncio.gather(*(start_in_turn() for _ in range(AT_ONCE)))
    return LaunchLeg(people=people, seconds=time.monotonic() - began_at)


async def _wave(client: Client, database: Database, tier: str) -> LaunchLeg:
    """Launch everybody of a risk tier in one wave, and read in its rollout's history how long the launch took."""
    start = await asyncio.to_thread(_rollout_input, database, tier)
    rollout = await client.start_workflow(
        RolloutWorkflow.run, start, id=rollouts.workflow_id(start.cohort_id), task_queue=ROLLOUTS
    )
    await asyncio.to_thread(_wait_for_launch, database, start.cohort_id)
    with database.reading() as session:
        people = sum(members.launched_by_wave(session, start.cohort_id).values())
    leg = await _leg(rollout, people)
    await rollout.terminate("measured")
    return leg


def _rollout_input(database: Database, tier: str) -> RolloutInput:
    cohort = Cohort(
        name=tier,
        include=Who(risk_tiers=(tier,)),
        exclude=None,
        policy=STANDARD,
        holdout_percent=0,
        waves=(Wave(percent=100, bake=timedelta(days=1)),),
        pace=NO_LIMIT,
        windows=LaunchWindows(),
        guardrails=(),
        assess_every=timedelta(minutes=15),
    )
    with database.transaction() as session:
        row = cohorts.add(session, cohort, at=clock(), by="benchmark", reason="to measure")
        return RolloutInput(cohort_id=row.cohort_id, cohort=cohort, standing=cohorts.standing(row))


def _wait_for_launch(database: Database, cohort_id: str) -> None:
    while _stage(database, cohort_id) is Stage.LAUNCHING:
        time.sleep(LOOK_EVERY_SECONDS)


def _stage(database: Database, cohort_id: str) -> Stage:
    with database.reading() as session:
        return cohorts.standing(cohorts.get(session, cohort_id)).stage


async def _leg(rollout: WorkflowHandle[Any, Any], people: int) -> LaunchLeg:
    """The leg from the moment the launch was scheduled, after the enrolment, to the moment it was completed."""
    events = (await rollout.fetch_history()).events
    scheduled_event = next(
        event
        for event in events
        if event.activity_task_scheduled_event_attributes.activity_type.name == "launch_wave"
    )
    completed_event = next(
        event
        for event in events
        if event.activity_task_completed_event_attributes.scheduled_event_id == scheduled_event.event_id
    )
    took = completed_event.event_time.ToDatetime() - scheduled_event.event_time.ToDatetime()
    return LaunchLeg(people=people, seconds=took.total_seconds(), events=len(events))


@contextmanager
def _worker(place: Ground) -> Iterator[None]:
    process = multiprocessing.get_context("spawn").Process(target=_work, args=(place,), daemon=True)
    process.start()
    try:
        yield
    finally:
        process.kill()
        process.join()


def _work(place: Ground) -> None:
    asyncio.run(_poll(place))


async def _poll(place: Ground) -> None:
    """What the worker process does for rollouts, but for no journey."""
    database, client = Database(place.settings.database_url), await place.client()
    acts = RolloutActivities(database, clock)
    waves = WaveActivities(database, clock, partial(start_all, client, database))
    with ThreadPoolExecutor() as threads:
        rollout = Worker(
            client,
            task_queue=ROLLOUTS,
            workflows=[RolloutWorkflow],
            activities=acts.quick(),
            activity_executor=threads,
            workflow_runner=UnsandboxedWorkflowRunner(),
        )
        bulk = Worker(
            client,
            task_queue=Queue.BULK,
            activities=[*waves.all(), *acts.long()],
            activity_executor=threads,
        )
        await asyncio.gather(rollout.run(), bulk.run())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.launching", description=__doc__)
    parser.add_argument("--people", type=int, default=8000, help="journeys started in each leg")
    parser.add_argument("--rounds", type=int, default=2, help="how often both take their turn")
    return parser


if __name__ == "__main__":
    main()
