"""Launching a wave: a launch that dies is taken up where it was, nobody is forgotten, nobody is started for nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, select
from temporalio.testing import ActivityEnvironment

from activities.waves import Launched, LaunchTask, WaveActivities
from domain.desk.acts import Rest
from domain.rollouts.cohorts import Wave, Who
from domain.rollouts.rollout import Stage, Standing
from store import Database
from store.people import accounts
from store.rollouts import cohorts
from store.rollouts.members import LaunchPosition, Member
from tests.clocks import FakeClock
from tests.factories import keep_cohort, make_account, make_cohort, make_journey, make_member

NO_LIMIT = 10**9
HALF = (Wave(percent=50, bake=timedelta()), Wave(percent=100, bake=timedelta()))
HALVES = make_cohort(pace=NO_LIMIT, waves=HALF, holdout_percent=0, exclude=Who(risk_tiers=("high",)))
PEOPLE = 6


class Died(Exception):
    """What becomes of a launch in a test that kills it."""


@dataclass
class Starter:
    """Notes whose journeys are started, and dies when it is told to."""

    started: list[str] = field(default_factory=list)
    dies: bool = False

    async def __call__(self, account_ids: Sequence[str]) -> None:
        if self.dies:
            raise Died
        self.started += account_ids


@dataclass
class Launch:
    """A cohort in its first wave, of which half of the people are."""

    database: Database
    clock: FakeClock
    starter: Starter
    cohort_id: str
    people: list[str]

    async def attempt(self, *, reached: LaunchPosition | None = None, **task: Any) -> Launched:
        """One attempt of the activity; `reached`: where the one before it was seen last."""
        environment = ActivityEnvironment()
        details = [reached.bucket, reached.account_id] if reached else []
        environment.info = replace(environment.info, heartbeat_details=details)
        whole: dict[str, Any] = {"cohort_id": self.cohort_id, "wave": 0, "after": LaunchPosition()} | task
        waves = WaveActivities(self.database, self.clock, self.starter)
        launched: Launched = await environment.run(waves.launch_wave, LaunchTask(**whole))
        return launched

    def stands(self, stage: Stage, *, wave: int = 0) -> None:
        """The rollout moves on."""
        with self.database.transaction() as session:
            version = cohorts.standing(cohorts.get(session, self.cohort_id)).version + 1
            cohorts.stand(session, self.cohort_id, Standing(stage=stage, wave=wave, version=version))

    def opened(self) -> set[str]:
        """Members that count as launched."""
        with self.database.reading() as session:
            query = select(Member.account_id).where(col(Member.launched_at).is_not(None))
            return set(session.exec(query).all())


@pytest.fixture
def launch(database: Database, clock: FakeClock) -> Launch:
    with database.transaction() as session:
        cohort_id = keep_cohort(session, HALVES)
        ids = [
            make_member(session, cohort_id, bucket=number * 1700, wave=None, launched_at=None)
            for number in range(PEOPLE)
        ]
    return Launch(database, clock, Starter(), cohort_id, ids)


async def test_a_wave_starts_those_whom_it_reaches_in_order(launch: Launch) -> None:
    assert (await launch.attempt()).everybody
    assert launch.starter.started == launch.people[:3]
    assert launch.opened() == set(launch.people[:3])


async def test_what_was_opened_when_a_launch_died_is_started_by_the_next_attempt(launch: Launch) -> None:
    launch.starter.dies = True
    with pytest.raises(Died):
        await launch.attempt()
    assert launch.opened() == set(launch.people[:3])
    launch.starter.dies = False
    await launch.attempt()
    assert launch.starter.started == launch.people[:3]


@pytest.mark.parametrize("stage", [Stage.PAUSED, Stage.ABORTED])
async def test_that_is_so_even_if_the_rollout_was_stopped_meanwhile(launch: Launch, stage: Stage) -> None:
    launch.starter.dies = True
    with pytest.raises(Died):
        await launch.attempt()
    launch.stands(stage)
    launch.starter.dies = False
    assert not (await launch.attempt()).everybody
    assert set(launch.starter.started) == launch.opened()


async def test_a_wave_that_has_started_somebody_before_is_not_empty_when_nobody_is_left(
    launch: Launch,
) -> None:
    await launch.attempt()
    launch.starter.started.clear()
    again = await launch.attempt(after=LaunchPosition(bucket=9999))
    assert (again.everybody, again.is_empty, launch.starter.started) == (True, False, [])


async def test_what_is_behind_the_last_sign_of_life_is_not_started_again(launch: Launch) -> None:
    await launch.attempt()
    launch.starter.started.clear()
    await launch.attempt(reached=LaunchPosition(bucket=1700, account_id=launch.people[1]))
    assert launch.starter.started == launch.people[2:3]


async def test_a_later_wave_passes_over_those_of_the_wave_before(launch: Launch) -> None:
    await launch.attempt()
    launch.stands(Stage.LAUNCHING, wave=1)
    launch.starter.started.clear()
    assert (await launch.attempt(wave=1)).everybody
    assert launch.starter.started == launch.people[3:]


async def test_whoever_has_a_journey_or_no_phone_is_passed_over(launch: Launch) -> None:
    with launch.database.transaction() as session:
        make_journey(session, launch.people[0])
        without = make_account(session, phone=None).account_id
        make_member(session, launch.cohort_id, without, bucket=1, wave=None, launched_at=None)
    assert (await launch.attempt()).everybody
    assert launch.starter.started == launch.people[1:3]
    assert launch.opened() == set(launch.people[1:3])


async def test_whoever_is_excluded_or_exempt_by_now_is_passed_over(launch: Launch) -> None:
    with launch.database.transaction() as session:
        accounts.get(session, launch.people[0]).risk_tier = "high"
        exempt = accounts.get(session, launch.people[2])
        exempt.rest, exempt.rests_until = Rest.MACHINE_ACCOUNT, launch.clock() + timedelta(days=1)
    assert (await launch.attempt()).everybody
    assert launch.starter.started == launch.people[1:2]
    assert launch.opened() == set(launch.people[1:2])


async def test_a_wave_whose_people_are_all_passed_over_ends(launch: Launch) -> None:
    with launch.database.transaction() as session:
        for account_id in launch.people:
            accounts.get(session, account_id).risk_tier = "high"
    assert (await launch.attempt()).everybody
    assert launch.opened() == set()


async def test_a_paused_rollout_opens_nobodys_journey(launch: Launch) -> None:
    launch.stands(Stage.PAUSED)
    assert await launch.attempt() == Launched(everybody=False, place=LaunchPosition())
    assert launch.opened() == set()


async def test_a_closed_window_opens_nobodys_journey(launch: Launch) -> None:
    ended = await launch.attempt(until=launch.clock())
    assert ended == Launched(everybody=False, place=LaunchPosition())
    assert launch.opened() == set()
