"""The census before a launch: who matches, who can take part, which wave reaches how many, who is elsewhere too."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.facts import SmsState
from domain.presets import STANDARD
from domain.rollouts.buckets import bucket
from domain.rollouts.cohorts import Cohort, Ineligibility, Wave, Who
from domain.rollouts.launch_windows import LaunchWindows
from store import Database, Session
from store.people.accounts import Account
from store.rollouts import cohorts, members, plans
from store.rollouts.cohorts import StoredCohort
from store.rollouts.members import Member
from store.rollouts.plans import Census
from tests.clocks import START
from tests.factories import make_account, make_journey, put_sms


def cohort(name: str = "spring", **changes: Any) -> Cohort:
    described: dict[str, Any] = {
        "name": name,
        "include": Who(countries=("DE",)),
        "exclude": Who(risk_tiers=("high",)),
        "policy": STANDARD,
        "holdout_percent": 10,
        "waves": (Wave(percent=10, bake=timedelta()), Wave(percent=50, bake=timedelta())),
        "pace": 60,
        "windows": LaunchWindows(),
        "guardrails": (),
        "assess_every": timedelta(minutes=15),
    }
    return Cohort(**(described | changes))


def people(session: Session, count: int, **changes: Any) -> list[Account]:
    return [make_account(session, **({"country": "DE"} | changes)) for _ in range(count)]


def enrolled(session: Session, described: Cohort) -> StoredCohort:
    row = cohorts.add(session, described, at=START, by="ada", reason="a test")
    members.enrol(session, row.cohort_id, described, salt=row.salt, after="", at=START, batch=1000)
    return row


def census(database: Database, described: Cohort) -> Census:
    with database.reading() as session:
        return plans.census(session, described, now=START)


def test_shares_of_those_who_match_add_up(database: Database) -> None:
    with database.transaction() as session:
        people(session, 37)
        people(session, 2, country="FR")
        people(session, 2, country=None)
        people(session, 2, risk_tier="high")
    figures = census(database, cohort())
    assert (figures.is_exact, figures.members, figures.people) == (False, 37, 18)
    assert [wave.members for wave in figures.waves] == [4, 14]
    assert figures.held_out == 4
    assert figures.held_out + figures.beyond + sum(wave.members for wave in figures.waves) == 37


def test_the_holdout_is_taken_from_the_last_wave(database: Database) -> None:
    with database.transaction() as session:
        people(session, 100)
    waves = tuple(Wave(percent=percent, bake=timedelta()) for percent in (50, 95, 100))
    figures = census(database, cohort(waves=waves))
    assert [wave.members for wave in figures.waves] == [50, 40, 0]
    assert (figures.held_out, figures.beyond) == (10, 0)


def test_who_cannot_take_part_is_counted_by_the_reason(database: Database) -> None:
    with database.transaction() as session:
        people(session, 4)
        people(session, 1, phone=None)
        people(session, 1, phone=None, sms=SmsState.REMOVED)
        for account in people(session, 2):
            make_journey(session, account.account_id)
    figures = census(database, cohort(waves=(Wave(percent=100, bake=timedelta()),), holdout_percent=0))
    assert figures.obstacles == {
        Ineligibility.NO_PHONE: 1,
        Ineligibility.JOURNEY_ALREADY: 2,
    }
    assert (figures.members, figures.people) == (7, 4)


def test_whoever_is_done_stays_out_of_every_number_but_one(database: Database) -> None:
    with database.transaction() as session:
        people(session, 100)
        before = plans.census(session, cohort(), now=START)
        people(session, 60, sms=SmsState.REMOVED)
        after = plans.census(session, cohort(), now=START)
    assert (before.done, after.done) == (0, 60)
    assert replace(after, done=0) == before


def test_members_who_became_done_after_the_launch_stay_members_and_cannot_take_part(
    database: Database,
) -> None:
    with database.transaction() as session:
        accounts = people(session, 20)
        enrolled(session, cohort())
        for account in accounts[:5]:
            put_sms(session, account, SmsState.REMOVED, at=START)
    figures = census(database, cohort())
    assert (figures.members, figures.done) == (20, 0)
    assert figures.obstacles == {Ineligibility.SMS_REMOVED: 5}


def test_who_has_no_address_is_reached_by_text_alone(database: Database) -> None:
    with database.transaction() as session:
        people(session, 30)
        people(session, 10, email=None)
    assert census(database, cohort()).text_only == 5


def test_a_launched_cohorts_members_are_counted_where_they_are(database: Database) -> None:
    described = cohort()
    with database.transaction() as session:
        accounts = [account.account_id for account in people(session, 60)]
        row = enrolled(session, described)
        salt = row.salt
        first = next(account_id for account_id in accounts if bucket(salt, account_id) < 5000)
        make_journey(session, first)
        member = session.get(Member, (row.cohort_id, first))
        assert member
        member.wave, member.launched_at = 0, START
        people(session, 5)
    figures = census(database, described)
    buckets = [bucket(salt, account_id) for account_id in accounts]
    assert (figures.is_exact, figures.members, figures.launched) == (True, 60, 1)
    assert [wave.members for wave in figures.waves] == [
        sum(number < 1000 for number in buckets),
        sum(1000 <= number < 5000 for number in buckets),
    ]
    assert figures.people == sum(wave.members for wave in figures.waves) - 1
    assert figures.held_out == sum(number >= 9000 for number in buckets)
    assert figures.obstacles == {}
    assert figures.overlaps == ()


def test_members_of_other_cohorts_are_told(database: Database) -> None:
    other = cohort("other", include=Who(), exclude=None, holdout_percent=50)
    with database.transaction() as session:
        people(session, 20)
        people(session, 20, country="FR")
        row = enrolled(session, other)
        name = row.name
    (overlap,) = census(database, cohort()).overlaps
    assert (overlap.name, overlap.members, overlap.launched) == (name, 20, 0)
    assert 0 < overlap.held_out < 20


def test_nobody_is_nobody(database: Database) -> None:
    figures = census(database, cohort())
    assert (figures.members, figures.people, figures.overlaps, figures.obstacles) == (0, 0, (), {})


@pytest.mark.parametrize(
    ("locale", "matching"), [("de-AT", True), ("DE", True), ("den", False), ("en", False), ("de_AT", False)]
)
def test_a_language_takes_in_its_countries(database: Database, locale: str, matching: bool) -> None:
    with database.transaction() as session:
        people(session, 1, locale=locale)
    figures = census(database, cohort(include=Who(locales=("de",))))
    assert figures.members == matching


@pytest.mark.parametrize(
    ("said", "wanted", "matching"),
    [
        ("family", "family", True),
        (36, "36", True),
        (True, "true", True),
        (False, "true", False),
        (None, "", True),
    ],
)
def test_attributes_are_compared_as_text(database: Database, said: Any, wanted: str, matching: bool) -> None:
    with database.transaction() as session:
        people(session, 1, attributes={"of it": said})
    figures = census(database, cohort(include=Who(attributes={"of it": wanted})))
    assert figures.members == matching


def test_the_inventory_counts_what_the_host_has_told_of_members_alone(database: Database) -> None:
    with database.transaction() as session:
        people(session, 3, sms_method="only")
        people(session, 2, sms_method="one_of_several")
        people(session, 4)
        people(session, 5, sms_method="only", country="FR")
    assert census(database, cohort("autumn", include=Who(countries=("IT",)))).inventory == {}
    assert census(database, cohort()).inventory == {"only": 3, "one_of_several": 2, "not_told": 4}
    with database.transaction() as session:
        enrolled(session, cohort())
        people(session, 1, sms_method="only")
    assert census(database, cohort()).inventory == {"only": 3, "one_of_several": 2, "not_told": 4}
