"""Lists of a cohort's people: they show whom the funnel counts, in parts, and read no table as a whole."""

from datetime import timedelta

import pytest

from domain.facts import SmsState
from domain.presets import FIRM
from domain.rollouts.cohorts import Wave
from domain.rollouts.people_filters import LAUNCHED, STEPS, CohortPlace, PeopleFilter
from store import Database
from store.people import accounts
from store.rollouts import measurements, people
from tests.clocks import START
from tests.factories import keep_cohort, make_account, make_cohort, make_member, make_passkey, put_sms
from tests.store.rollouts.plans import explained

WAVES = (Wave(percent=5, bake=timedelta()), Wave(percent=50, bake=timedelta()))


@pytest.fixture
def spring(database: Database) -> str:
    """People of every place, as far as people can be."""
    with database.transaction() as session:
        cohort_id = keep_cohort(session, make_cohort(waves=WAVES, policy=FIRM))
        for wave, bucket in ((0, 0), (1, 1000)):
            for state in SmsState:
                person = make_account(session, email_verified_at=START)
                make_passkey(session, person.account_id)
                make_member(session, cohort_id, person.account_id, wave=wave, bucket=bucket)
                if state is not SmsState.ON:
                    put_sms(session, accounts.get(session, person.account_id), state, at=START)
            make_member(session, cohort_id, wave=wave, bucket=bucket)
        make_member(session, cohort_id, wave=None, launched_at=None, bucket=1000)
        make_member(session, cohort_id, wave=None, launched_at=None, bucket=8000)
        held_out = make_account(session, email_verified_at=START)
        make_member(session, cohort_id, held_out.account_id, held_out=True, wave=None, launched_at=None)
    return cohort_id


def listed(database: Database, cohort_id: str, wanted: PeopleFilter) -> set[str]:
    with database.reading() as session:
        return {account_id for part in people.every(session, cohort_id, wanted) for account_id in part}


def test_each_list_has_as_many_people_as_the_funnel_counts(database: Database, spring: str) -> None:
    with database.reading() as session:
        funnel = measurements.funnel(session, spring)
    assert sum(row.members for row in funnel) == 13
    for row in funnel:
        place = (
            CohortPlace.HELD_OUT
            if row.held_out
            else CohortPlace.UNREACHED
            if row.wave is None
            else CohortPlace.WAVES
        )
        for step in ("", LAUNCHED, *STEPS):
            wanted = PeopleFilter(place=place, wave=row.wave, step=step)
            assert len(listed(database, spring, wanted)) == getattr(row, step or "members"), (row.wave, step)


def test_who_has_not_come_so_far_are_the_others_of_the_launched(database: Database, spring: str) -> None:
    launched = listed(database, spring, PeopleFilter(step=LAUNCHED))
    for step in STEPS:
        there = listed(database, spring, PeopleFilter(step=step))
        assert listed(database, spring, PeopleFilter(step=step, is_missing=True)) == launched - there
    everybody = listed(database, spring, PeopleFilter())
    assert listed(database, spring, PeopleFilter(step=LAUNCHED, is_missing=True)) == everybody - launched


def test_pages_follow_each_other_and_a_part_without_anybody_leads_on(
    database: Database, spring: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people, "LOOKED_AT", 4)
    wanted = PeopleFilter(step="removed")
    with database.reading() as session:
        pages, after = [], ""
        while True:
            page = people.page(session, spring, wanted, after=after, limit=1)
            pages.append(page.account_ids)
            after = page.following
            if not after:
                break
    assert sorted(account_id for part in pages for account_id in part) == sorted(
        listed(database, spring, wanted)
    )
    assert all(len(part) <= 1 for part in pages)
    assert () in pages


@pytest.mark.plans
def test_no_table_is_read_as_a_whole(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as session:
        cohort_id = keep_cohort(session)
        query = people.listing(cohort_id, make_cohort(), PeopleFilter(step="passkey_proven")).limit(50)
        plan = explained(sqlite_database, session, query)
    assert "SEARCH passkey" in plan
    for table in ("account", "member", "passkey", "passkey_day", "recovery_code", "authenticator_app"):
        assert f"SCAN {table}'" not in plan
        assert f"SCAN {table} " not in plan


def test_what_names_no_filter_is_none() -> None:
    assert PeopleFilter.read(wave="0", step="colour", is_missing=True) == PeopleFilter()
    assert PeopleFilter.read(wave="²", step="", is_missing=True) == PeopleFilter()
    for words in ({"wave": "2", "step": "notice", "without": "1"}, {"wave": "held_out"}, {}):
        read = PeopleFilter.read(
            wave=words.get("wave", ""), step=words.get("step", ""), is_missing="without" in words
        )
        assert read.words == words
