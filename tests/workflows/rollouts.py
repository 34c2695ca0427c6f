"""One rollout with its people, on the real clock and in seconds: what operators do, and what becomes of it."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlmodel import col, select
from temporalio.testing import WorkflowEnvironment

from domain.facts import SmsState
from domain.journal import Actor, EventKind
from domain.presets import FAST
from domain.rollouts.cohorts import Cohort, Wave, Who
from domain.rollouts.edits import Edit
from domain.rollouts.launch_windows import LaunchWindows
from domain.rollouts.rollout import Command, Order, Stage, Standing
from store import Database
from store.journeys.journeys import Journey
from store.people import accounts, journal
from store.rollouts import cohorts, tallies
from store.rollouts.cohorts import CohortEntry
from store.rollouts.members import Member
from store.rollouts.tallies import Tally
from tests import factories
from tests.waiting import eventually
from workflows import rollouts, running_journeys

SECOND = timedelta(seconds=1)

BRISK = Cohort(
    name="brisk",
    include=Who(),
    exclude=None,
    policy=FAST,
    holdout_percent=0,
    waves=(Wave(percent=30, bake=SECOND), Wave(percent=100, bake=SECOND)),
    pace=60_000,
    windows=LaunchWindows(),
    guardrails=(),
    assess_every=SECOND,
)
"""Everybody, in two waves of a second each."""


@dataclass
class Trial:
    """A launched cohort, and the operators' view of it."""

    environment: WorkflowEnvironment
    database: Database
    cohort_id: str

    @classmethod
    async def begin(cls, environment: WorkflowEnvironment, database: Database, **changes: Any) -> "Trial":
        """Launch the brisk cohort, with changes."""
        cohort = replace(BRISK, **changes)
        cohort_id = await rollouts.launch(
            environment.client, database, cohort, by="olga", reason="a test", now=datetime.now(UTC)
        )
        return cls(environment, database, cohort_id)

    async def order(self, command: Command, by: str = "olga", **more: Any) -> Standing:
        """Give a command."""
        seen = more.pop("seen", self.standing().version)
        order = Order(command=command, by=by, reason="a test", seen=seen, **more)
        return await rollouts.command(
            self.environment.client, self.database, self.cohort_id, order, now=datetime.now(UTC)
        )

    async def edit(self, *, seen: int | None = None, **changes: Any) -> Standing:
        """Describe the cohort anew."""
        cohort = replace(self.described(), **changes)
        edit = Edit(cohort=cohort, by="olga", reason="a test", seen=seen or self.standing().version)
        return await rollouts.edit(
            self.environment.client, self.database, self.cohort_id, edit, now=datetime.now(UTC)
        )

    async def until(self, stage: Stage, *, wave: int | None = None, within: float = 60) -> None:
        """Wait for a stage."""

        def stands() -> bool:
            return self.standing().stage is stage and wave in (None, self.standing().wave)

        await eventually(stands, lambda: f"{stage}, not {self.standing()}", within=within)

    async def until_launched(self, count: int) -> None:
        """Wait until at least so many journeys were started."""
        await eventually(
            lambda: len(self.launched()) >= count, lambda: f"{len(self.launched())} are launched"
        )

    async def assessed(self, *, times: int = 1) -> None:
        """Wait for so many more assessments."""
        before = len(self._tallies())
        await eventually(lambda: len(self._tallies()) >= before + times, f"{times} assessments more")

    def _tallies(self) -> Sequence[Tally]:
        with self.database.reading() as session:
            return tallies.series(session, self.cohort_id, points=1000)

    def standing(self) -> Standing:
        """Where the rollout stands."""
        with self.database.reading() as session:
            return cohorts.standing(cohorts.get(session, self.cohort_id))

    def described(self) -> Cohort:
        """The cohort's description."""
        with self.database.reading() as session:
            return cohorts.description(cohorts.get(session, self.cohort_id))

    def launched(self) -> list[Member]:
        """The members whose journeys were started."""
        with self.database.reading() as session:
            query = select(Member).where(
                Member.cohort_id == self.cohort_id, col(Member.launched_at).is_not(None)
            )
            return list(session.exec(query).all())

    def kinds(self) -> Counter[str]:
        """What is in the cohort's journal."""
        with self.database.reading() as session:
            return Counter(entry.kind for entry in cohorts.entries(session, self.cohort_id))

    def entries(self) -> Sequence[CohortEntry]:
        """The cohort's journal, newest first."""
        with self.database.reading() as session:
            return cohorts.entries(session, self.cohort_id)

    async def running(self) -> int:
        """How many of the launched journeys run in Temporal."""
        ids = [member.account_id for member in self.launched()]
        return len(ids) - len(await running_journeys.missing(self.environment.client, ids))

    async def closed(self) -> None:
        """Wait until Temporal runs the rollout no more."""
        handle = self.environment.client.get_workflow_handle(rollouts.workflow_id(self.cohort_id))
        await asyncio.wait_for(handle.result(), timeout=60)

    async def events(self) -> int:
        """How many events the rollout's history has."""
        handle = self.environment.client.get_workflow_handle(rollouts.workflow_id(self.cohort_id))
        return len((await handle.fetch_history()).events)


def people(database: Database, count: int, **changes: Any) -> list[str]:
    """New accounts; returns their ids."""
    with database.transaction() as session:
        return [factories.make_account(session, **changes).account_id for _ in range(count)]


def journeys_of(database: Database) -> list[str]:
    """Accounts that have a journey."""
    with database.reading() as session:
        return list(session.exec(select(Journey.account_id)).all())


def suspend(database: Database, account_ids: Sequence[str], *, at: datetime) -> None:
    """Put accounts into probation, as their journeys would have."""
    with database.transaction() as session:
        for account_id in account_ids:
            account = accounts.lock(session, account_id)
            factories.put_sms(session, account, SmsState.SUSPENDED, at=at)
            journal.append(session, account_id, EventKind.SMS_SUSPENDED, at=at, actor=Actor.JOURNEY)


def restore_by_person(database: Database, account_ids: Sequence[str]) -> None:
    """Let people switch SMS on again, as their journals tell it."""
    with database.transaction() as session:
        for account_id in account_ids:
            journal.append(
                session, account_id, EventKind.SMS_RESTORED, at=datetime.now(UTC), actor=Actor.PERSON
            )


def sms_of(database: Database, account_ids: Sequence[str]) -> Counter[str]:
    """How many accounts have SMS in which state."""
    with database.reading() as session:
        return Counter(accounts.get(session, account_id).sms for account_id in account_ids)


async def together(*orders: Any) -> list[Any]:
    """Make several requests at the same moment; errors are among the answers."""
    return list(await asyncio.gather(*orders, return_exceptions=True))
