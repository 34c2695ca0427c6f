"""Launches that are stopped wait without losing their place, and nobody is forgotten when they go on."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlmodel import select
from temporalio.testing import ActivityEnvironment

from activities.waves import LOOK_AGAIN, Launched, LaunchTask, WaveActivities
from domain.rollouts.cohorts import Ineligibility
from domain.rollouts.slices import Dimension
from domain.switches import Switch
from store import Database
from store.people import accounts
from store.rollouts import passed_over
from store.rollouts.members import LaunchPosition, Member
from tests.activities.test_waves import HALVES, Starter
from tests.clocks import FakeClock
from tests.factories import keep_cohort, make_account, make_member
from tests.switches import resume, stop

COUNTRIES = ("DE", "FR", "DE")


class Cohort:
    """Three people of the first wave, of two countries. `heard` is called at each sign of life of the launch."""

    def __init__(self, database: Database, clock: FakeClock) -> None:
        self.database, self.clock, self.starter = database, clock, Starter()
        with database.transaction() as session:
            self.cohort_id = keep_cohort(session, HALVES)
            self.people = [
                make_member(
                    session,
                    self.cohort_id,
                    make_account(session, country=country).account_id,
                    bucket=number,
                    wave=None,
                    launched_at=None,
                )
                for number, country in enumerate(COUNTRIES)
            ]

    async def launch(self, heard: Callable[[], None] = lambda: None) -> Launched:
        environment = ActivityEnvironment()

        def pass_time(*_: object) -> None:
            heard()
            self.clock.advance(LOOK_AGAIN)

        environment.on_heartbeat = pass_time
        waves = WaveActivities(self.database, self.clock, self.starter)
        until = self.clock() + timedelta(minutes=5)
        task = LaunchTask(cohort_id=self.cohort_id, wave=0, after=LaunchPosition(), until=until)
        launched: Launched = await environment.run(waves.launch_wave, task)
        return launched

    def exclude_germans(self) -> None:
        """Give them the risk tier that the description excludes."""
        with self.database.transaction() as session:
            for account_id in (self.people[0], self.people[2]):
                accounts.get(session, account_id).risk_tier = "high"

    def places(self) -> list[tuple[str, int, bool]]:
        """Who is in the cohort, and where."""
        with self.database.reading() as session:
            rows = session.exec(select(Member).order_by(Member.account_id))
            return [(row.account_id, row.bucket, row.held_out) for row in rows]


@pytest.fixture
def cohort(database: Database, clock: FakeClock) -> Cohort:
    return Cohort(database, clock)


async def test_while_launches_are_stopped_nobody_is_launched_and_the_wave_does_not_end(
    cohort: Cohort,
) -> None:
    stop(cohort.database, Switch.LAUNCHES)
    assert await cohort.launch() == Launched(everybody=False, place=LaunchPosition())
    assert cohort.starter.started == []
    resume(cohort.database, Switch.LAUNCHES)
    assert (await cohort.launch()).everybody
    assert cohort.starter.started == cohort.people


async def test_a_launch_that_runs_goes_on_by_itself_when_launches_do(cohort: Cohort) -> None:
    stop(cohort.database, Switch.LAUNCHES)
    looks = iter([None, lambda: resume(cohort.database, Switch.LAUNCHES)])

    def heard() -> None:
        if act := next(looks, None):
            act()

    assert (await cohort.launch(heard)).everybody
    assert cohort.starter.started == cohort.people


async def test_a_country_is_left_out_and_launched_in_its_own_wave_when_its_stop_ends(cohort: Cohort) -> None:
    before = cohort.places()
    stop(cohort.database, Switch.LAUNCHES, Dimension.COUNTRY, "DE")
    assert not (await cohort.launch()).everybody
    assert cohort.starter.started == [cohort.people[1]]
    with cohort.database.reading() as session:
        counts = passed_over.counts(session, cohort.cohort_id)
    assert counts == {Ineligibility.LAUNCHES_STOPPED: 2}
    resume(cohort.database, Switch.LAUNCHES, Dimension.COUNTRY, "DE")
    assert (await cohort.launch()).everybody
    assert set(cohort.starter.started) == set(cohort.people)
    assert cohort.places() == before
    with cohort.database.reading() as session:
        assert passed_over.counts(session, cohort.cohort_id) == {}


async def test_a_wave_does_not_wait_for_people_who_are_excluded_meanwhile(cohort: Cohort) -> None:
    stop(cohort.database, Switch.LAUNCHES, Dimension.COUNTRY, "DE")
    looks = iter([None, cohort.exclude_germans])

    def heard() -> None:
        if act := next(looks, None):
            act()

    assert (await cohort.launch(heard)).everybody
    assert cohort.starter.started == [cohort.people[1]]
    with cohort.database.reading() as session:
        assert passed_over.counts(session, cohort.cohort_id) == {Ineligibility.EXCLUDED: 2}
