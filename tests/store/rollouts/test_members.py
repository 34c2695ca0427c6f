"""Who is in a cohort is written once: whatever is done to the rollout, nobody is moved, and the holdout stays out."""

import random
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from domain.facts import SmsState
from domain.rollouts.buckets import bucket, is_held_out, reach
from domain.rollouts.cohorts import Cohort, Wave, Who
from domain.rollouts.rollout import Stage, Standing
from store import Database, Session
from store.people.accounts import Account
from store.rollouts import cohorts, launches, members
from store.rollouts.members import LaunchPosition, Member
from tests.clocks import START
from tests.factories import keep_cohort, make_account, make_cohort, make_member, put_sms

DAY = timedelta(days=1)
ROUNDS = 25


def enrol(session: Session, cohort_id: str, *, batch: int = 40) -> int:
    """Enrol everybody who matches, batch by batch."""
    row, enrolled, after = cohorts.get(session, cohort_id), 0, ""
    while True:
        last, count = members.enrol(
            session, cohort_id, cohorts.description(row), salt=row.salt, after=after, at=START, batch=batch
        )
        if last is None:
            return enrolled
        enrolled, after = enrolled + count, last


def launch(session: Session, cohort_id: str, *, wave: int, percent: float) -> None:
    """Open the journeys of a wave."""
    row, place = cohorts.get(session, cohort_id), LaunchPosition()
    while True:
        opened = launches.open_next(
            session,
            cohort_id,
            row.policy_id,
            exclude=cohorts.description(row).exclude,
            wave=wave,
            below=reach(percent),
            after=place,
            batch=30,
            at=START,
        )
        if opened.place is None:
            return
        place = opened.place


def places(session: Session, cohort_id: str) -> dict[str, tuple[int, bool]]:
    rows = session.exec(select(Member).where(Member.cohort_id == cohort_id))
    return {row.account_id: (row.bucket, row.held_out) for row in rows}


def launched(session: Session, cohort_id: str) -> dict[str, int | None]:
    rows = session.exec(
        select(Member).where(Member.cohort_id == cohort_id, col(Member.launched_at).is_not(None))
    )
    return {row.account_id: row.wave for row in rows}


def test_whoever_is_done_is_neither_launched_nor_held_out(database: Database) -> None:
    with database.transaction() as session:
        before = {make_account(session).account_id for _ in range(40)}
        for _ in range(40):
            make_account(session, sms=SmsState.REMOVED)
        cohort_id = keep_cohort(session, make_cohort(holdout_percent=50))
        assert enrol(session, cohort_id) == 40
        assert set(places(session, cohort_id)) == before


def test_who_is_done_after_the_enrolment_stays_a_member(database: Database) -> None:
    with database.transaction() as session:
        accounts = [make_account(session) for _ in range(40)]
        cohort_id = keep_cohort(session, make_cohort(holdout_percent=50))
        enrol(session, cohort_id)
        before = places(session, cohort_id)
        for account in accounts:
            put_sms(session, account, SmsState.REMOVED, at=START)
        enrol(session, cohort_id)
        assert places(session, cohort_id) == before


@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_done_to_a_rollout_nobody_is_moved(database: Database, seed: int) -> None:
    chance = random.Random(seed)
    with database.transaction() as session:
        for _ in range(120):
            make_account(session)
        cohort_id = keep_cohort(session, make_cohort(holdout_percent=15))
        assert enrol(session, cohort_id) == 120
        before, reached = places(session, cohort_id), launched(session, cohort_id)
    for version in range(2, 2 + ROUNDS):
        with database.transaction() as session:
            _something(session, cohort_id, chance, version)
        with database.reading() as session:
            now = launched(session, cohort_id)
            assert places(session, cohort_id) == before
            assert reached.items() <= now.items()
            assert not any(before[account_id][1] for account_id in now)
            reached = now


def _something(session: Session, cohort_id: str, chance: random.Random, version: int) -> None:
    """Raise or lower the percent, enrol again, launch, launch again, pause, abort."""
    percent = round(chance.uniform(1, 100), 2)
    match chance.choice(["edit", "enrol", "launch", "launch", "stand"]):
        case "edit":
            waves = (Wave(percent=percent, bake=DAY),)
            described = make_cohort(holdout_percent=15, waves=waves)
            cohorts.describe_anew(session, cohort_id, described, at=START)
        case "enrol":
            enrol(session, cohort_id, batch=chance.randint(1, 50))
        case "launch":
            launch(session, cohort_id, wave=chance.randint(0, 3), percent=percent)
        case "stand":
            where = Standing(stage=chance.choice(list(Stage)), version=version)
            cohorts.stand(session, cohort_id, where)


def test_a_member_keeps_the_bucket_of_its_hash(database: Database) -> None:
    with database.transaction() as session:
        account_ids = [make_account(session).account_id for _ in range(20)]
        cohort_id = keep_cohort(session)
        enrol(session, cohort_id)
        salt, kept = cohorts.get(session, cohort_id).salt, places(session, cohort_id)
    numbers = {account_id: bucket(salt, account_id) for account_id in account_ids}
    assert kept == {each: (number, is_held_out(number, 10)) for each, number in numbers.items()}


def test_enrolling_tells_how_far_it_has_come(database: Database) -> None:
    with database.transaction() as session:
        ids = sorted(make_account(session).account_id for _ in range(5))
        cohort_id = keep_cohort(session)
        row = cohorts.get(session, cohort_id)
        answers = [
            members.enrol(session, cohort_id, make_cohort(), salt=row.salt, after=after, at=START, batch=2)
            for after in ("", ids[1], ids[3], ids[4])
        ]
    assert answers == [(ids[1], 2), (ids[3], 2), (ids[4], 1), (None, 0)]


def test_who_joins_later_changes_nothing_for_the_others(database: Database) -> None:
    with database.transaction() as session:
        for _ in range(30):
            make_account(session)
        cohort_id = keep_cohort(session)
        enrol(session, cohort_id)
        before = places(session, cohort_id)
        newcomer = make_account(session).account_id
        enrol(session, cohort_id)
        after = places(session, cohort_id)
    assert {**after} == {**before, newcomer: after[newcomer]}


def test_members_are_launched_by_bucket_then_by_id(database: Database) -> None:
    with database.transaction() as session:
        cohort_id = keep_cohort(session)
        first, second = sorted(make_account(session).account_id for _ in range(2))
        not_yet: dict[str, Any] = {"wave": None, "launched_at": None}
        for account_id in (second, first):
            make_member(session, cohort_id, account_id, bucket=7, **not_yet)
        sooner = make_member(session, cohort_id, bucket=3, **not_yet)
        make_member(session, cohort_id, bucket=8, **not_yet)
        make_member(session, cohort_id, bucket=1, held_out=True)
        make_member(session, cohort_id, bucket=2)
        positions = members.to_launch(session, cohort_id, below=8, after=LaunchPosition(), batch=10)
        assert positions == [
            LaunchPosition(bucket=3, account_id=sooner),
            LaunchPosition(bucket=7, account_id=first),
            LaunchPosition(bucket=7, account_id=second),
        ]
        assert members.to_launch(session, cohort_id, below=8, after=positions[0], batch=10) == positions[1:]
        assert (
            members.to_launch(session, cohort_id, below=8, after=LaunchPosition(), batch=1) == positions[:1]
        )


def test_members_are_counted_by_wave(database: Database) -> None:
    with database.transaction() as session:
        cohort_id, other = keep_cohort(session), keep_cohort(session, make_cohort(name="summer"))
        launched_id = make_member(session, cohort_id)
        make_member(session, cohort_id, wave=1)
        waiting = make_member(session, cohort_id, wave=None, launched_at=None)
        held = make_member(session, cohort_id, held_out=True)
        make_member(session, other, launched_id, wave=None, launched_at=None)
        assert members.size(session, cohort_id, held_out=False) == 3
        assert members.size(session, cohort_id, held_out=True) == 1
        assert members.launched_by_wave(session, cohort_id) == {0: 1, 1: 1}
        assert members.cohort_of(session, launched_id) == cohort_id
        assert [members.cohort_of(session, each) for each in (waiting, held)] == [None, None]


def taken(database: Database, cohort: Cohort, *accounts: dict[str, Any]) -> list[bool]:
    """Which of some accounts a description takes in."""
    with database.transaction() as session:
        ids = [make_account(session, **changes).account_id for changes in accounts]
        matching = set(session.exec(select(Account.account_id).where(members.matches(cohort))).all())
    return [account_id in matching for account_id in ids]


CRITERIA: list[tuple[Who, dict[str, Any], dict[str, Any]]] = [
    (Who(external_ids=("u-1", "u-2")), {"external_id": "u-2"}, {"external_id": "u-3"}),
    (Who(countries=("DE", "AT")), {"country": "AT"}, {"country": "FR"}),
    (Who(countries=("DE",)), {"country": "DE"}, {"country": None}),
    (Who(locales=("de",)), {"locale": "de-AT"}, {"locale": "den"}),
    (Who(locales=("de-AT",)), {"locale": "de-AT"}, {"locale": "de"}),
    (Who(risk_tiers=("low",)), {"risk_tier": "low"}, {"risk_tier": "high"}),
    (Who(risk_tiers=("low",)), {"risk_tier": "low"}, {"risk_tier": None}),
    (Who(signed_in_since=START), {"last_sign_in_at": START}, {"last_sign_in_at": START - DAY}),
    (Who(signed_in_since=START), {"last_sign_in_at": START + DAY}, {"last_sign_in_at": None}),
    (Who(phone_only=True), {"email": None}, {}),
    (Who(phone_only=False), {}, {"email": None}),
    (Who(device_ready=True), {"exposed_at": START}, {"exposed_at": None}),
    (Who(device_ready=False), {"exposed_at": None}, {"exposed_at": START}),
    (Who(attributes={"plan": "plus"}), {"attributes": {"plan": "plus"}}, {"attributes": {"plan": "free"}}),
    (Who(attributes={"plan": "plus"}), {"attributes": {"plan": "plus"}}, {"attributes": {}}),
    (Who(attributes={"plan": "plus"}), {"attributes": {"plan": "plus"}}, {"attributes": {"plan": None}}),
    (Who(attributes={"seats": "3"}), {"attributes": {"seats": 3}}, {"attributes": {"seats": 33}}),
    (Who(attributes={"beta": "true"}), {"attributes": {"beta": True}}, {"attributes": {"beta": False}}),
    (
        Who(attributes={"a.b": "x", "c": 'say "y"'}),
        {"attributes": {"a.b": "x", "c": 'say "y"'}},
        {"attributes": {"a": {"b": "x"}, "c": 'say "y"'}},
    ),
    (
        Who(countries=("DE",), risk_tiers=("low",)),
        {"country": "DE", "risk_tier": "low"},
        {"country": "DE", "risk_tier": "high"},
    ),
]


@pytest.mark.parametrize(("who", "inside", "outside"), CRITERIA)
def test_a_criterion_takes_in_whom_it_names_and_nobody_else(
    database: Database, who: Who, inside: dict[str, Any], outside: dict[str, Any]
) -> None:
    assert taken(database, make_cohort(include=who), inside, outside) == [True, False]


@pytest.mark.parametrize(("who", "inside", "outside"), CRITERIA)
def test_an_exclusion_leaves_out_whom_it_names_and_nobody_else(
    database: Database, who: Who, inside: dict[str, Any], outside: dict[str, Any]
) -> None:
    assert taken(database, make_cohort(exclude=who), inside, outside) == [False, True]


@pytest.mark.parametrize(("who", "inside", "outside"), CRITERIA)
def test_an_exclusion_wins_over_the_same_inclusion(
    database: Database, who: Who, inside: dict[str, Any], outside: dict[str, Any]
) -> None:
    assert taken(database, make_cohort(include=who, exclude=who), inside, outside) == [False, False]


def test_everybody_is_everybody(database: Database) -> None:
    assert taken(database, make_cohort(), {}, {"email": None, "country": None}) == [True, True]
