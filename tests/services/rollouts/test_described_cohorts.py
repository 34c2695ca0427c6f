"""Whether the host has a say is decided when a cohort is launched, and kept with it."""

from datetime import timedelta

from domain.host.keys import KeyScope
from services.rollouts import cohort_plans, described_cohorts
from store import Database
from store.host import keys
from tests.clocks import START
from tests.factories import keep_cohort

SPRING = 'name = "spring"\nwaves = [{percent = 100}]\n'
DAY = timedelta(days=1)


def make_key(database: Database) -> None:
    """A key that works for ten days."""
    with database.transaction() as session:
        keys.make(
            session,
            "ofr_token",
            name="the host's",
            scopes=[KeyScope.EVENTS_WRITE],
            calls_per_second=10,
            made_by="a test",
            at=START,
            lifetime=10 * DAY,
        )


def host_confirms(database: Database, description: str = SPRING, *, after: timedelta = DAY) -> bool:
    with database.reading() as session:
        return described_cohorts.read(session, description, now=START + after).policy.host_confirms


def test_a_host_with_a_key_confirms_unless_the_description_says_otherwise(database: Database) -> None:
    assert not host_confirms(database)
    make_key(database)
    assert host_confirms(database)
    assert not host_confirms(database, f"{SPRING}[policy]\nhost_confirms = false")
    assert not host_confirms(database, after=11 * DAY)


def test_an_edit_keeps_what_the_launch_had(database: Database) -> None:
    with database.transaction() as session:
        keep_cohort(session, described_cohorts.read(session, SPRING, now=START))
    make_key(database)
    assert not host_confirms(database)


def test_what_was_launched_with_the_hosts_word_keeps_it_without_a_key(database: Database) -> None:
    make_key(database)
    with database.transaction() as session:
        keep_cohort(session, described_cohorts.read(session, SPRING, now=START))
    assert host_confirms(database, after=11 * DAY)


def test_the_plan_says_that_the_host_confirms(database: Database) -> None:
    make_key(database)
    with database.reading() as session:
        cohort = described_cohorts.read(session, SPRING, now=START)
        remarks = cohort_plans.draw(session, cohort, now=START).remarks
    assert any("host_confirms" in remark for remark in remarks)
