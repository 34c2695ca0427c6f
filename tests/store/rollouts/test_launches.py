"""Whoever cannot take part when a launch comes to them is passed over, is on record with why, and is asked again."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, select, text

from domain.desk.acts import Rest
from domain.facts import SmsState
from domain.presets import STANDARD
from domain.rollouts.buckets import BUCKETS
from domain.rollouts.cohorts import Ineligibility, Who
from store import Database, Session
from store.journeys import policies
from store.people import accounts
from store.people.accounts import Account
from store.rollouts import cohorts, launches, measurements, members, passed_over
from store.rollouts.launches import STRETCH
from store.rollouts.members import LaunchPosition, Member
from tests.clocks import START
from tests.factories import keep_cohort, make_account, make_cohort, make_journey, make_member, put_sms
from tests.store.rollouts.plans import SORTING, explained
from tests.unguarded import unguarded
from tests.waiting import wait_until

DAY = timedelta(days=1)
EXCLUDE = Who(risk_tiers=("high",))


@dataclass
class Launches:
    """A cohort that excludes a risk tier; a member more for each account that is made."""

    database: Database
    cohort_id: str
    size: int = 0

    def member(self, **changes: Any) -> str:
        """One more member who is not launched yet, behind those that there are; returns the account's id."""
        with self.database.transaction() as session:
            account_id = make_account(session, **changes).account_id
            not_yet: dict[str, Any] = {"wave": None, "launched_at": None}
            make_member(session, self.cohort_id, account_id, bucket=self.size, **not_yet)
        self.size += 1
        return account_id

    def change(self, account_id: str, **changes: Any) -> None:
        """What has become of an account since."""
        with self.database.transaction() as session, unguarded(session):
            accounts.get(session, account_id).sqlmodel_update(changes)

    def walk(self, *, wave: int = 0, batch: int = 50, days: int = 0) -> list[list[str]]:
        """A wave from its beginning to its end: whom each transaction launched."""
        walked: list[list[str]] = []
        place = LaunchPosition()
        while True:
            with self.database.transaction() as session:
                opened = self.open(session, place, wave=wave, batch=batch, days=days)
            if opened.place is None:
                return walked
            walked.append(list(opened.account_ids))
            place = opened.place

    def open(
        self, session: Session, after: LaunchPosition, *, wave: int = 0, batch: int = 50, days: int = 0
    ) -> launches.Opened:
        """The next part of a wave that reaches everybody."""
        row = cohorts.get(session, self.cohort_id)
        return launches.open_next(
            session,
            self.cohort_id,
            row.policy_id,
            exclude=cohorts.description(row).exclude,
            wave=wave,
            below=BUCKETS,
            after=after,
            batch=batch,
            at=START + days * DAY,
        )

    def launched(self) -> set[str]:
        """Who counts as launched."""
        with self.database.reading() as session:
            query = select(Member.account_id).where(col(Member.launched_at).is_not(None))
            return set(session.exec(query).all())

    def passed_over(self, because: Ineligibility | None = None) -> dict[str, tuple[Ineligibility, int]]:
        """Who is on record as passed over, why, and since which day."""
        with self.database.reading() as session:
            people = passed_over.every(session, self.cohort_id, because=because)
            return {each.account_id: (each.because, (each.at - START).days) for each in people}


@pytest.fixture
def wave(database: Database) -> Launches:
    with database.transaction() as session:
        return Launches(database, keep_cohort(session, make_cohort(holdout_percent=0, exclude=EXCLUDE)))


def excluded(session: Session, account_id: str) -> None:
    accounts.get(session, account_id).risk_tier = "high"


def exempt(session: Session, account_id: str) -> None:
    account = accounts.get(session, account_id)
    account.rest, account.rests_until = Rest.MACHINE_ACCOUNT, START + 30 * DAY


def without_phone(session: Session, account_id: str) -> None:
    with unguarded(session):
        accounts.get(session, account_id).phone = None


def with_a_journey(session: Session, account_id: str) -> None:
    make_journey(session, account_id)


def without_sms(session: Session, account_id: str) -> None:
    put_sms(session, accounts.get(session, account_id), SmsState.REMOVED, at=START)


HINDRANCES: dict[Ineligibility, Callable[[Session, str], None]] = {
    Ineligibility.EXCLUDED: excluded,
    Ineligibility.EXEMPT: exempt,
    Ineligibility.NO_PHONE: without_phone,
    Ineligibility.JOURNEY_ALREADY: with_a_journey,
    Ineligibility.SMS_REMOVED: without_sms,
}


def test_every_reason_has_its_test() -> None:
    """A stop of launches is none of the account's own: see `tests/activities/test_stopped_launches.py`."""
    assert set(HINDRANCES) == set(Ineligibility) - {Ineligibility.LAUNCHES_STOPPED}


@pytest.mark.parametrize("because", HINDRANCES)
def test_whoever_cannot_take_part_any_more_is_passed_over_with_the_reason(
    wave: Launches, because: Ineligibility
) -> None:
    first, hindered, last = wave.member(), wave.member(), wave.member()
    with wave.database.transaction() as session:
        HINDRANCES[because](session, hindered)
    assert wave.walk() == [[first, last]]
    assert wave.launched() == {first, last}
    assert wave.passed_over() == {hindered: (because, 0)}


@pytest.mark.parametrize(
    "changes",
    [
        {"rest": Rest.OTHER, "rests_until": START},
        {"rest": Rest.PAUSED, "rests_until": START + DAY},
        {"risk_tier": "low"},
    ],
)
def test_whom_neither_an_exclusion_nor_an_exemption_concerns_now_is_launched(
    wave: Launches, changes: dict[str, Any]
) -> None:
    account_id = wave.member(**changes)
    assert wave.walk() == [[account_id]]
    assert wave.passed_over() == {}


def test_who_no_longer_matches_what_the_cohort_includes_stays_in(database: Database) -> None:
    with database.transaction() as session:
        cohort_id = keep_cohort(session, make_cohort(include=Who(countries=("DE",))))
    wave = Launches(database, cohort_id)
    account_id = wave.member(country="FR")
    assert wave.walk() == [[account_id]]


def test_a_later_wave_launches_whoever_can_take_part_again(wave: Launches) -> None:
    account_id = wave.member(risk_tier="high")
    still_excluded = wave.member(risk_tier="high")
    assert wave.walk() == [[]]
    wave.change(account_id, risk_tier="low")
    assert wave.walk(wave=1, days=5) == [[account_id]]
    assert wave.launched() == {account_id}
    assert wave.passed_over() == {still_excluded: (Ineligibility.EXCLUDED, 0)}


def test_another_reason_has_another_beginning_and_the_same_reason_keeps_it(wave: Launches) -> None:
    account_id = wave.member(risk_tier="high")
    wave.walk()
    wave.walk(wave=1, days=3)
    assert wave.passed_over() == {account_id: (Ineligibility.EXCLUDED, 0)}
    wave.change(account_id, phone=None)
    wave.walk(wave=2, days=5)
    assert wave.passed_over() == {account_id: (Ineligibility.NO_PHONE, 5)}


def test_of_several_reasons_the_most_lasting_one_is_said(wave: Launches) -> None:
    account_id = wave.member(risk_tier="high", phone=None, rest=Rest.OTHER, rests_until=START + DAY)
    wave.walk()
    assert wave.passed_over()[account_id][0] is Ineligibility.NO_PHONE


def test_a_wave_that_can_launch_nobody_ends(wave: Launches) -> None:
    for _ in range(3):
        wave.member(risk_tier="high")
    assert wave.walk(batch=1) == [[]]
    assert len(wave.passed_over()) == 3


def test_a_slow_pace_launches_as_few_at_a_time_as_it_says_and_forgets_nobody(wave: Launches) -> None:
    people = [wave.member(risk_tier=tier) for tier in ("high", None, "high", None, None, "high", None)]
    able = [people[number] for number in (1, 3, 4, 6)]
    assert wave.walk(batch=2) == [able[:2], able[2:]]
    assert set(wave.passed_over()) == set(people) - set(able)


def test_many_who_cannot_take_part_do_not_take_a_transaction_each(wave: Launches) -> None:
    with wave.database.transaction() as session:
        for number in range(STRETCH + 1):
            account_id = make_account(session, risk_tier="high").account_id
            make_member(session, wave.cohort_id, account_id, bucket=number, wave=None, launched_at=None)
    assert wave.walk(batch=1) == [[], []]


def test_passed_over_members_are_counted_by_wave_and_by_reason(wave: Launches) -> None:
    wave.member()
    wave.member(risk_tier="high")
    wave.member(risk_tier="high")
    wave.member(phone=None)
    wave.walk()
    with wave.database.reading() as session:
        assert passed_over.counts(session, wave.cohort_id) == {
            Ineligibility.NO_PHONE: 1,
            Ineligibility.EXCLUDED: 2,
        }
        first = measurements.funnel(session, wave.cohort_id)[0]
    assert (first.members, first.launched, first.passed_over) == (4, 1, 3)
    assert set(wave.passed_over(Ineligibility.EXCLUDED).values()) == {(Ineligibility.EXCLUDED, 0)}


@pytest.mark.parametrize("limit", [1, 2, 5])
def test_the_list_has_each_once_whatever_a_page_holds(wave: Launches, limit: int) -> None:
    people = [wave.member(phone=None) for _ in range(5)]
    wave.walk()
    listed: list[str] = []
    with wave.database.reading() as session:
        while some := passed_over.page(
            session, wave.cohort_id, after=listed[-1] if listed else "", limit=limit
        ):
            assert len(some) <= limit
            listed += [each.account_id for each in some]
    assert listed == sorted(people)


@pytest.mark.parametrize("seed", range(3))
def test_whatever_comes_in_between_nobody_is_launched_while_something_is_in_the_way(
    wave: Launches, seed: int
) -> None:
    chance = random.Random(seed)
    people = [wave.member() for _ in range(30)]
    for number in range(12):
        for account_id in chance.sample(people, 8):
            wave.change(
                account_id,
                risk_tier=chance.choice(["high", "low"]),
                rest=Rest.OTHER,
                rests_until=START + chance.randint(-1, 1) * DAY,
            )
        with wave.database.transaction() as session:
            is_hindered = (col(Account.risk_tier) == "high") | (col(Account.rests_until) > START)
            query = select(Account.account_id).where(is_hindered)
            hindered, before = set(session.exec(query).all()), wave.launched()
            place = LaunchPosition(bucket=chance.randint(-1, 29))
        with wave.database.transaction() as session:
            opened = wave.open(session, place, wave=number, batch=chance.randint(1, 4))
        assert not set(opened.account_ids) & hindered
        assert not set(wave.passed_over()) & wave.launched()
        assert before | set(opened.account_ids) == wave.launched()


@pytest.mark.postgres
@pytest.mark.parametrize(
    "because", [Ineligibility.EXCLUDED, Ineligibility.EXEMPT, Ineligibility.JOURNEY_ALREADY]
)
def test_whoever_is_hindered_while_the_launch_comes_to_them_is_passed_over(
    postgresql_database: Database, because: Ineligibility
) -> None:
    with postgresql_database.transaction() as session:
        cohort_id = keep_cohort(session, make_cohort(holdout_percent=0, exclude=EXCLUDE))
        policies.store(session, STANDARD, at=START)
    wave = Launches(postgresql_database, cohort_id)
    first, hindered = wave.member(), wave.member()
    with ThreadPoolExecutor() as pool:
        with postgresql_database.transaction() as session:
            accounts.lock(session, hindered)
            HINDRANCES[because](session, hindered)
            session.flush()
            walk = pool.submit(wave.walk)
            wait_until(lambda: waits(postgresql_database), "the launch to wait for the account")
        assert walk.result() == [[first]]
    assert wave.passed_over() == {hindered: (because, 0)}


def waits(database: Database) -> bool:
    with database.reading() as session:
        return bool(session.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")))


@pytest.mark.plans
def test_indexes_have_the_members_to_launch_and_those_who_were_passed_over(wave: Launches) -> None:
    wave.member(phone=None)
    wave.walk()
    with wave.database.transaction() as session:
        assert "ix_member_passed_over" in explained(
            wave.database, session, passed_over.listing(wave.cohort_id), kept_from=SORTING
        )
        walked = members.unlaunched(wave.cohort_id, below=BUCKETS, after=LaunchPosition())
        assert "ix_member_place" in explained(wave.database, session, walked, kept_from=SORTING)
