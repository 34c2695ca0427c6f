"""The switch that stops retiring for everybody: who may turn it, why, and what turns it by itself."""

from datetime import timedelta

import pytest

from domain.errors import Refused
from domain.retiring import SYSTEM, Retiring
from domain.staff.reasons import BadReason
from domain.staff.staff import AuditKind, Author
from services.safety import retiring
from services.safety.switches import PromisesBroken
from store import Database, invariants
from store.journeys import retiring as switch
from store.staff import audit
from store.staff.audit import Sought
from tests.clocks import START
from tests.factories import make_account

ADA = Author(by="ada")
BROKEN = {"facts_journaled": 1}


def stop(database: Database, reason: str = "a provider is down") -> Retiring:
    with database.transaction() as session:
        return retiring.stop(session, ADA, reason=reason, at=START)


def resume(
    database: Database,
    counts: dict[str, int] | None = None,
    *,
    anyway: bool = False,
    reason: str = "it is up",
) -> Retiring:
    with database.transaction() as session:
        return retiring.resume(session, ADA, counts or {}, reason=reason, at=START, anyway=anyway)


def heed(database: Database, counts: dict[str, int], before: dict[str, int]) -> bool:
    with database.transaction() as session:
        return retiring.heed(session, counts, before=before, at=START)


def current(database: Database) -> Retiring:
    with database.reading() as session:
        return switch.read(session)


def test_a_stop_and_a_resume_are_kept_with_who_when_and_why(database: Database) -> None:
    assert not current(database).is_stopped
    stop(database)
    assert current(database) == Retiring(is_stopped=True, since=START, by="ada", reason="a provider is down")
    resume(database)
    assert current(database) == Retiring(since=START, by="ada", reason="it is up")
    with database.reading() as session:
        entries = audit.latest(session, Sought(), limit=9)
    assert [(entry.kind, entry.by, entry.reason) for entry in reversed(entries)] == [
        (AuditKind.RETIRING_STOPPED, "ada", "a provider is down"),
        (AuditKind.RETIRING_RESUMED, "ada", "it is up"),
    ]


def test_both_need_a_reason(sqlite_database: Database) -> None:
    with pytest.raises(BadReason):
        stop(sqlite_database, reason=" ")
    stop(sqlite_database)
    with pytest.raises(BadReason):
        resume(sqlite_database, reason="")
    assert current(sqlite_database).is_stopped


def test_what_is_stopped_is_not_stopped_again_nor_what_is_on_resumed(sqlite_database: Database) -> None:
    with pytest.raises(Refused, match="not stopped"):
        resume(sqlite_database)
    stop(sqlite_database)
    with pytest.raises(Refused, match="already, by ada"):
        stop(sqlite_database)


def test_a_promise_that_is_broken_at_two_looks_stops_retiring(database: Database) -> None:
    assert not heed(database, BROKEN, before={})
    assert heed(database, BROKEN, before=BROKEN)
    assert current(database) == Retiring(
        is_stopped=True, since=START, by=SYSTEM, reason="invariant: facts_journaled", is_automatic=True
    )
    assert not heed(database, BROKEN, before=BROKEN)


def test_what_mends_itself_between_two_looks_stops_nothing(sqlite_database: Database) -> None:
    assert not heed(sqlite_database, {"sendings_settled": 1}, before={"facts_journaled": 1})
    assert not current(sqlite_database).is_stopped


def test_resuming_is_refused_while_a_promise_is_broken_unless_anyway(sqlite_database: Database) -> None:
    heed(sqlite_database, BROKEN, before=BROKEN)
    with pytest.raises(PromisesBroken, match=r"facts_journaled \(1\)"):
        resume(sqlite_database, BROKEN)
    assert current(sqlite_database).is_stopped
    resume(sqlite_database, BROKEN, anyway=True)
    assert not current(sqlite_database).is_stopped


def test_a_breach_that_an_admin_knows_of_stops_nothing_and_one_more_does(sqlite_database: Database) -> None:
    stop(sqlite_database)
    resume(sqlite_database, BROKEN, anyway=True)
    assert not heed(sqlite_database, BROKEN, before=BROKEN)
    more = {"facts_journaled": 2}
    assert heed(sqlite_database, more, before=more)


def test_a_known_breach_that_was_mended_is_new_when_it_comes_back(sqlite_database: Database) -> None:
    stop(sqlite_database)
    resume(sqlite_database, BROKEN, anyway=True)
    heed(sqlite_database, {}, before=BROKEN)
    assert heed(sqlite_database, BROKEN, before=BROKEN)


def test_a_stop_by_hand_takes_over_from_one_by_the_system(sqlite_database: Database) -> None:
    heed(sqlite_database, BROKEN, before=BROKEN)
    assert not stop(sqlite_database).is_automatic


def test_the_promises_that_are_broken_are_counted(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as session:
        make_account(session, facts_version=2)
        assert invariants.broken(session, now=START + timedelta(days=1)) == BROKEN
