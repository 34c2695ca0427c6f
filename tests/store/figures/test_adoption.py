"""Adoption is counted from what is true now, and from what the journal says, day by day."""

from datetime import date, timedelta

import pytest

from domain.desk.stuck import Obstacle
from domain.desk.stuck_filters import Filters
from domain.errors import Unknown
from domain.facts import Method, SmsState
from domain.journal import EventKind
from domain.journey import StuckReason
from store import Database
from store.desk import stuck
from store.figures import adoption
from store.figures.adoption import Adoption
from store.people import accounts
from tests.adoption import DAY, happen, settle
from tests.clocks import START
from tests.factories import keep_cohort, make_account, make_member

TODAY = START.date()


def read(database: Database, *, days: int = 7, cohort_id: str | None = None) -> Adoption:
    with database.reading() as session:
        return adoption.read(session, now=START, days=days, cohort_id=cohort_id)


def account(database: Database) -> str:
    with database.transaction() as session:
        return make_account(session).account_id


def test_with_nobody_there_everything_is_nought(database: Database) -> None:
    figures = read(database)
    assert (figures.accounts, figures.started, figures.passkey_share) == (0, 0, None)
    assert set(figures.steps.values()) == {0}
    assert [day.date for day in figures.days] == [TODAY - timedelta(days=ago) for ago in range(6, -1, -1)]


def test_steps_are_counted_of_those_whose_journey_has_started(database: Database) -> None:
    with database.transaction() as session:
        make_account(session)
        for sms in (SmsState.ON, SmsState.SUSPENDED, SmsState.REMOVED):
            settle(session, make_account(session).account_id, at=START - 4 * DAY, sms=sms)
    figures = read(database)
    assert (figures.accounts, figures.started) == (4, 3)
    assert (figures.steps["passkey_enrolled"], figures.steps["passkey_proven"]) == (2, 2)
    assert (figures.steps["notice"], figures.steps["suspended"], figures.steps["removed"]) == (2, 2, 1)
    assert figures.sms == {SmsState.ON: 1, SmsState.NOTICE: 0, SmsState.SUSPENDED: 1, SmsState.REMOVED: 1}


def test_people_are_added_up_from_the_first_time_that_something_happened(database: Database) -> None:
    account_id = account(database)
    with database.transaction() as session:
        settle(session, account_id, at=START - 10 * DAY, sms=SmsState.SUSPENDED)
        for ago in (3, 1):
            happen(session, account_id, EventKind.SMS_SUSPENDED, at=START - ago * DAY)
        settle(session, make_account(session).account_id, at=START - 3 * DAY, sms=SmsState.SUSPENDED)
    days = {day.date: day for day in read(database).days}
    assert [days[TODAY - timedelta(days=ago)].suspended for ago in range(6, -1, -1)] == [1] * 5 + [2] * 2
    assert days[TODAY].passkey == 2
    assert days[TODAY].removed == 0


def test_sign_ins_are_counted_on_their_day_by_their_method(database: Database) -> None:
    account_id = account(database)
    midnight = START.replace(hour=0)
    with database.transaction() as session:
        for at in (midnight, midnight + DAY - timedelta(microseconds=1)):
            happen(session, account_id, EventKind.PASSKEY_SIGNED_IN, at=at)
        happen(session, account_id, EventKind.PASSKEY_SIGNED_IN, at=midnight - timedelta(microseconds=1))
        for method in (Method.SMS, Method.RECOVERY_CODE, Method.DEVICE_LINK):
            happen(session, account_id, EventKind.SIGNED_IN, at=START, method=method)
        happen(session, account_id, EventKind.SIGN_IN_FAILED, at=START, method=Method.SMS)
    figures = read(database, days=2)
    yesterday, today = figures.days
    assert (yesterday.by_passkey, yesterday.by_sms) == (1, 0)
    assert (today.by_passkey, today.by_sms, today.otherwise) == (2, 1, 2)
    assert figures.passkey_share == 0.5


def test_how_long_sign_ins_take_is_told_by_median_and_quartiles(database: Database) -> None:
    account_id = account(database)
    with database.transaction() as session:
        for seconds in (1, 2, 3, 4, 5):
            took = {"milliseconds": seconds * 1000}
            happen(session, account_id, EventKind.PASSKEY_SIGNED_IN, at=START, **took)
        happen(session, account_id, EventKind.PASSKEY_SIGNED_IN, at=START)
        happen(session, account_id, EventKind.SIGNED_IN, at=START, method=Method.SMS, milliseconds=20_000)
        happen(
            session, account_id, EventKind.SIGNED_IN, at=START, method=Method.RECOVERY_CODE, milliseconds=1
        )
    times = read(database).sign_in_times
    assert (times[Method.PASSKEY].lower, times[Method.PASSKEY].median, times[Method.PASSKEY].upper) == (
        2,
        3,
        4,
    )
    assert times[Method.PASSKEY].sample == 5
    assert (times[Method.SMS].median, times[Method.SMS].sample) == (20, 1)


def test_the_stuck_are_those_of_the_desk_by_reason_the_most_frequent_first(database: Database) -> None:
    with database.transaction() as session:
        cohort_id = keep_cohort(session)
        for number, reason in enumerate((StuckReason.UNREACHABLE, StuckReason.NUDGES_USED_UP)):
            account_id = make_member(session, cohort_id) if number else make_account(session).account_id
            settle(session, account_id, at=START)
            account = accounts.get(session, account_id)
            account.stuck_since, account.stuck_reason, account.held_since = START, reason, START
        make_member(session, cohort_id, held_out=True)
    figures = read(database)
    assert next(iter(figures.stuck.items())) == (Obstacle.HELD, 2)
    assert figures.stuck == stuck_now(database, Filters())
    assert (figures.stuck_people, sum(figures.stuck.values())) == (2, 4)
    of_cohort = read(database, cohort_id=cohort_id)
    assert of_cohort.stuck == stuck_now(database, Filters(cohort_id=cohort_id))
    assert of_cohort.stuck_people == 1


def stuck_now(database: Database, filters: Filters) -> dict[Obstacle, int]:
    """What the desk says of the same people."""
    with database.reading() as session:
        counted = stuck.counts(session, filters, now=START)
    return {obstacle: count.people for obstacle, count in counted.items() if count.people}


def test_a_cohort_counts_those_whom_it_has_launched_and_tells_who_is_held_out(database: Database) -> None:
    with database.transaction() as session:
        cohort_id = keep_cohort(session)
        settle(session, make_account(session).account_id, at=START - 4 * DAY, sms=SmsState.SUSPENDED)
        launched = make_member(session, cohort_id, wave=0, launched_at=START - 4 * DAY)
        settle(session, launched, at=START - 4 * DAY, sms=SmsState.SUSPENDED)
        make_member(session, cohort_id)
        make_member(session, cohort_id, held_out=True)
        happen(session, launched, EventKind.PASSKEY_SIGNED_IN, at=START)
    figures = read(database, cohort_id=cohort_id)
    assert (figures.cohort, figures.accounts, figures.held_out) == ("spring", 3, 1)
    assert (figures.watched, figures.started) == (2, 1)
    assert figures.steps["suspended"] == 1
    assert (figures.days[-1].suspended, figures.days[-1].by_passkey) == (1, 1)
    assert figures.days[0].date == date(2026, 2, 24)


def test_a_cohort_that_is_not_there_is_unknown(database: Database) -> None:
    with pytest.raises(Unknown):
        read(database, cohort_id="nothing")


def test_everybody_is_everybody_and_the_holdout_is_told_apart(database: Database) -> None:
    with database.transaction() as session:
        cohort_id = keep_cohort(session)
        launched = make_member(session, cohort_id, launched_at=START)
        settle(session, launched, at=START - 4 * DAY, sms=SmsState.SUSPENDED)
        held_out = make_member(session, cohort_id, held_out=True)
        happen(session, held_out, EventKind.SIGNED_IN, at=START, method=Method.SMS, milliseconds=20_000)
        happen(session, launched, EventKind.PASSKEY_SIGNED_IN, at=START, milliseconds=3_000)
    everybody = read(database)
    assert (everybody.accounts, everybody.held_out, everybody.watched, everybody.started) == (2, 1, 2, 1)
    assert (everybody.days[-1].by_passkey, everybody.days[-1].by_sms) == (1, 1)
    assert everybody.passkey_share == 0.5
    assert set(everybody.sign_in_times) == {Method.PASSKEY, Method.SMS}
    of_cohort = read(database, cohort_id=cohort_id)
    assert (of_cohort.accounts, of_cohort.held_out, of_cohort.watched) == (2, 1, 1)
    assert (of_cohort.days[-1].by_passkey, of_cohort.days[-1].by_sms) == (1, 0)
    assert set(of_cohort.sign_in_times) == {Method.PASSKEY}


def test_a_passkey_of_somebody_without_a_journey_is_no_step_on_the_way(database: Database) -> None:
    with database.transaction() as session:
        settle(session, make_account(session).account_id, at=START - 4 * DAY, sms=SmsState.SUSPENDED)
        held_out = make_member(session, keep_cohort(session), held_out=True)
        for account_id in (held_out, make_account(session).account_id):
            for ago in (9, 1):
                happen(session, account_id, EventKind.PASSKEY_BOUND, at=START - ago * DAY)
    figures = read(database)
    assert (figures.accounts, figures.started) == (3, 1)
    assert figures.days[-1].passkey == figures.steps["passkey_enrolled"] == 1


def test_the_holdout_s_obstacles_count_for_everybody_and_not_for_the_cohort(database: Database) -> None:
    with database.transaction() as session:
        cohort_id = keep_cohort(session)
        held_out = make_member(session, cohort_id, held_out=True)
        settle(session, held_out, at=START)
        accounts.get(session, held_out).held_since = START
    everybody, of_cohort = read(database), read(database, cohort_id=cohort_id)
    assert (everybody.stuck_people, everybody.watched, everybody.started) == (1, 1, 1)
    assert (of_cohort.stuck_people, of_cohort.watched, of_cohort.started) == (0, 0, 0)
