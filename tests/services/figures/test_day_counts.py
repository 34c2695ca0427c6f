"""Whole days are counted once: a day that is over does not change, and one that has just ended may."""

from datetime import date, timedelta

from sqlalchemy import event

from domain.journal import EventKind
from services.figures.day_counts import DayCounts
from store import Database, Session
from tests.adoption import happen
from tests.clocks import START
from tests.factories import make_account

DAY = timedelta(days=1)
KINDS = (EventKind.PASSKEY_BOUND, EventKind.OBJECTED)
DATES = [date(2026, 2, 27), date(2026, 2, 28), date(2026, 3, 1)]


def bind(session: Session, account_id: str, *days_ago: int) -> None:
    for ago in days_ago:
        happen(session, account_id, EventKind.PASSKEY_BOUND, at=START - ago * DAY)


def test_each_day_of_utc_has_its_own_counts_and_other_kinds_count_not(database: Database) -> None:
    with database.transaction() as session:
        account_id = make_account(session).account_id
        bind(session, account_id, 0, 1, 1, 3, 4)
        happen(session, account_id, EventKind.SIGNED_IN, at=START - DAY, method="sms")
        happen(session, account_id, EventKind.OBJECTED, at=START.replace(hour=0) - timedelta(seconds=1))
        days = DayCounts(kinds=KINDS).of(session, DATES, now=START)
    assert [day[EventKind.PASSKEY_BOUND] for day in days] == [1, 0, 2]
    assert [day[EventKind.OBJECTED] for day in days] == [0, 0, 1]
    assert EventKind.SIGNED_IN not in days[2]


def test_a_day_that_is_over_is_not_counted_again(sqlite_database: Database) -> None:
    counted = DayCounts(kinds=KINDS)
    with sqlite_database.transaction() as session:
        account_id = make_account(session).account_id
        bind(session, account_id, 1)
        before = counted.of(session, DATES, now=START)
        statements: list[str] = []
        event.listen(session.get_bind(), "before_cursor_execute", lambda *said: statements.append(said[2]))
        assert counted.of(session, DATES, now=START) == before
    assert statements == []


def test_a_day_is_counted_anew_until_its_last_transactions_are_surely_over(
    sqlite_database: Database,
) -> None:
    counted, midnight = DayCounts(kinds=KINDS), START.replace(hour=0)
    with sqlite_database.transaction() as session:
        account_id = make_account(session).account_id
        for minutes, count in ((5, 1), (50, 2), (61, 3), (62, 3)):
            bind(session, account_id, 1)
            days = counted.of(session, DATES, now=midnight + timedelta(minutes=minutes))
            assert days[2][EventKind.PASSKEY_BOUND] == count
