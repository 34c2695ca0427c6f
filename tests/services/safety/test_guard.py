"""Raising the guard and lowering it: who answers for it, what a second order does, and how its end is noted."""

from datetime import timedelta

import pytest

from domain.errors import Refused
from domain.safety.guard import SYSTEM, BadLength, Guard
from domain.staff.reasons import BadReason
from domain.staff.staff import AuditKind, Author
from services.safety import guard
from store import Database
from store.engine import raised_guards
from store.staff import audit
from store.staff.audit import AuditEntry, Sought
from tests.clocks import START

ADA = Author(by="ada")
HOUR = timedelta(hours=1)
UNTIL = START + 6 * HOUR


def put_up(
    database: Database, *, hours: float = 6, reason: str = "SIM swaps", after: timedelta = timedelta()
) -> Guard:
    with database.transaction() as session:
        return guard.put_up(session, ADA, length=hours * HOUR, reason=reason, at=START + after)


def put_down(database: Database, *, after: timedelta = HOUR, reason: str = "it is over") -> Guard:
    with database.transaction() as session:
        return guard.put_down(session, ADA, reason=reason, at=START + after)


def find_up(database: Database, *, after: timedelta = timedelta()) -> Guard | None:
    with database.reading() as session:
        return raised_guards.find_up(session, now=START + after)


def audited(database: Database) -> list[AuditEntry]:
    with database.reading() as session:
        return list(reversed(audit.latest(session, Sought(), limit=9)))


def past(database: Database, *, after: timedelta) -> tuple[Guard, ...]:
    with database.reading() as session:
        return guard.standing(session, now=START + after).past


def test_it_is_up_until_its_end_and_nothing_has_to_run_at_that_moment(database: Database) -> None:
    assert find_up(database) is None
    assert put_up(database) == Guard(since=START, until=UNTIL, by="ada", reason="SIM swaps")
    assert find_up(database, after=6 * HOUR - timedelta(seconds=1)) is not None
    assert find_up(database, after=6 * HOUR) is None


def test_it_is_in_the_audit_with_who_why_and_until_when(database: Database) -> None:
    put_up(database)
    put_down(database)
    entries = [(entry.kind, entry.by, entry.reason) for entry in audited(database)]
    assert entries == [
        (AuditKind.GUARD_RAISED, "ada", "SIM swaps"),
        (AuditKind.GUARD_LOWERED, "ada", "it is over"),
    ]
    assert audited(database)[0].detail == {"until": UNTIL.isoformat()}


def test_a_second_order_gives_it_another_end_and_what_waits_since_the_first_goes_on_waiting(
    database: Database,
) -> None:
    put_up(database)
    again = put_up(database, hours=24, reason="it goes on", after=HOUR)
    assert (again.since, again.until) == (START, START + 25 * HOUR)
    assert find_up(database, after=7 * HOUR) == again
    assert audited(database)[1].detail == {
        "until": again.until.isoformat(),
        "instead_of": UNTIL.isoformat(),
    }


def test_one_that_was_over_is_noted_before_another_begins_and_begins_anew(database: Database) -> None:
    put_up(database)
    second = put_up(database, after=8 * HOUR)
    assert second.since == START + 8 * HOUR
    [first] = past(database, after=9 * HOUR)
    assert (first.ended_at, first.ended_by, first.was_lowered) == (UNTIL, SYSTEM, False)
    kinds = [entry.kind for entry in audited(database)]
    assert kinds == [AuditKind.GUARD_RAISED, AuditKind.GUARD_ENDED, AuditKind.GUARD_RAISED]


def test_a_lowered_one_is_kept_with_who_and_why(database: Database) -> None:
    put_up(database)
    put_down(database)
    assert find_up(database, after=HOUR) is None
    [lowered] = past(database, after=HOUR)
    assert (lowered.ended_at, lowered.ended_by, lowered.end_reason) == (START + HOUR, "ada", "it is over")


def test_its_end_is_noted_once_and_not_before(database: Database) -> None:
    put_up(database)
    with database.transaction() as session:
        assert not guard.note_end(session, at=UNTIL - timedelta(seconds=1))
        assert guard.note_end(session, at=UNTIL + HOUR)
        assert not guard.note_end(session, at=UNTIL + 2 * HOUR)
    [raised, ended] = audited(database)
    assert (raised.kind, ended.kind, ended.by) == (AuditKind.GUARD_RAISED, AuditKind.GUARD_ENDED, SYSTEM)


def test_what_is_not_up_is_not_lowered(sqlite_database: Database) -> None:
    with pytest.raises(Refused, match="not up"):
        put_down(sqlite_database)
    put_up(sqlite_database)
    with pytest.raises(Refused, match="not up"):
        put_down(sqlite_database, after=7 * HOUR)


def test_both_orders_need_a_reason_and_a_length_that_is_allowed(sqlite_database: Database) -> None:
    with pytest.raises(BadReason):
        put_up(sqlite_database, reason=" ")
    with pytest.raises(BadLength):
        put_up(sqlite_database, hours=0.1)
    with pytest.raises(BadLength):
        put_up(sqlite_database, hours=24 * 8)
    assert find_up(sqlite_database) is None
    put_up(sqlite_database)
    with pytest.raises(BadReason):
        put_down(sqlite_database, reason="call +49 30 1234567")
    assert find_up(sqlite_database) is not None
