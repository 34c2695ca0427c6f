"""However often the worker is killed in the middle of a launch: every member is started, and started once."""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from sqlmodel import col, func, select
from temporalio.client import Client

from domain.journal import EventKind
from domain.rollouts.rollout import Stage
from store.journeys.journeys import Journey
from store.messages.messages import Message
from store.people import accounts, imports
from store.people.journal import JournalEntry
from store.people.told_accounts import ImportedAccount
from store.rollouts import cohorts, members
from tests.journeys.site import Site
from tests.waiting import wait_until
from workflows import running_journeys

# Twice, a dead launch is noticed after ten seconds only; on a busy machine the rest takes its time too.
pytestmark = [pytest.mark.processes, pytest.mark.timeout(240)]

PEOPLE = 600
PER_MINUTE = 6000
"""Three stretches of 200, two seconds apart: time enough to be killed between them, and within each."""

COHORT = f"""
name = "everybody"
pace = {PER_MINUTE}
guardrails = []

[policy]
preset = "fast"
cadence = []

[[waves]]
percent = 100
bake = "1 day"
"""


@pytest.mark.timeout(900)
def test_a_launch_survives_its_worker_being_killed_twice_and_starts_everybody_once(site: Site) -> None:
    crowd = Crowd.arrive(site)
    crowd.launch()
    site.kill("worker")
    so_far = crowd.opened()
    assert so_far < PEOPLE
    crowd.until(lambda: crowd.opened() > so_far, "the launch goes on")
    site.kill("worker")
    crowd.until(lambda: crowd.stage() is Stage.BAKING, "everybody is launched")
    crowd.until(lambda: crowd.invited() == PEOPLE, "everybody is invited")
    assert crowd.journeys() == crowd.entries() == crowd.executions() == dict.fromkeys(crowd.account_ids, 1)
    arrived = Counter(item.key for item in site.inbox())
    assert {key: times for key, times in arrived.items() if times > 1} == {}


@dataclass(frozen=True)
class Crowd:
    """Many accounts of a site, and what became of them."""

    site: Site
    account_ids: tuple[str, ...]

    @classmethod
    def arrive(cls, site: Site) -> "Crowd":
        """Import them."""
        people = [
            ImportedAccount(
                external_id=f"u-{number}", phone=f"+49151{number:08d}", email=f"u{number}@example.org"
            )
            for number in range(PEOPLE)
        ]
        with site.database.transaction() as session:
            imports.take(session, people, at=datetime.now(UTC))
            return cls(site, tuple(next(accounts.each_id(session))))

    def launch(self) -> None:
        """Launch the cohort that they are in, and wait for the first journeys to be opened."""
        described = self.site.home / "cohort.toml"
        described.write_text(COHORT)
        launched = self.site.offramp("cohort", "launch", str(described), "--reason", "a test")
        assert launched.returncode == 0, launched.stdout + launched.stderr
        self.until(lambda: self.opened() > 0, "the launch begins")

    def until(self, holds: Callable[[], bool], what: str) -> None:
        """Wait; a launch whose worker died goes on when it has not been heard of for a while."""
        wait_until(holds, lambda: f"{what}: {self.stage()}, {self.opened()} are launched", within=400)

    def stage(self) -> Stage:
        """Where the rollout stands."""
        with self.site.database.reading() as session:
            row = cohorts.by_name(session, "everybody")
            assert row
            return cohorts.standing(row).stage

    def opened(self) -> int:
        """How many members count as launched."""
        with self.site.database.reading() as session:
            row = cohorts.by_name(session, "everybody")
            assert row
            return sum(members.launched_by_wave(session, row.cohort_id).values())

    def invited(self) -> int:
        """How many members have got a message, or will."""
        with self.site.database.reading() as session:
            return session.exec(select(func.count(func.distinct(col(Message.account_id))))).one()

    def journeys(self) -> dict[str, int]:
        """How many journeys the database wants for each member."""
        with self.site.database.reading() as session:
            return Counter(session.exec(select(Journey.account_id)))

    def entries(self) -> dict[str, int]:
        """How often the journal says of each member that the journey was started."""
        with self.site.database.reading() as session:
            started = select(JournalEntry.account_id).where(JournalEntry.kind == EventKind.JOURNEY_STARTED)
            return Counter(session.exec(started))

    def executions(self) -> dict[str, int]:
        """How often Temporal has run each member's journey."""

        async def count() -> Counter[str]:
            client = await Client.connect(f"127.0.0.1:{self.site.temporal_port}")
            listed = client.list_workflows('WorkflowType = "MigrationWorkflow"')
            return Counter([execution.id async for execution in listed])

        runs = asyncio.run(count())
        return {account_id: runs[running_journeys.workflow_id(account_id)] for account_id in self.account_ids}
