"""The audit on both databases: what is written stays, and is found again in order."""

from datetime import timedelta

import pytest
from sqlalchemy.exc import DBAPIError
from sqlmodel import text

from domain.staff.staff import AuditKind, Author, Role
from store import Database
from store.people import accounts
from store.staff import audit, audit_lines
from store.staff.audit import Sought
from tests.clocks import START

ADA = Author(by="ada@example.com", role=Role.ADMIN, came_from="203.0.113.7")
BOB = Author(by="bob@example.com", role=Role.SUPPORT)


@pytest.fixture
def written(database: Database, account_id: str) -> None:
    """Two entries of each."""
    with database.transaction() as session:
        audit.append(session, ADA, AuditKind.INVITED, at=START, role="support")
        audit.append(session, BOB, AuditKind.CASE_SEEN, at=START, account_id=account_id, reason="called")
        later = START + timedelta(hours=1)
        audit.append(session, BOB, AuditKind.SIGNED_OUT, at=later)
        audit.append(session, ADA, AuditKind.ROLLOUT_ORDERED, at=later, cohort_id="c1", reason="calm")


@pytest.mark.parametrize(
    ("sought", "kinds"),
    [
        (Sought(), ["invited", "case_seen", "signed_out", "rollout_ordered"]),
        (Sought(by="bob@example.com"), ["case_seen", "signed_out"]),
        (Sought(since=START + timedelta(minutes=1)), ["signed_out", "rollout_ordered"]),
        (Sought(until=START + timedelta(minutes=1)), ["invited", "case_seen"]),
        (Sought(kind=AuditKind.SIGNED_OUT), ["signed_out"]),
        (Sought(kind=AuditKind.SIGNED_OUT, by="ada@example.com"), []),
        (Sought(cohort_id="c1"), ["rollout_ordered"]),
        (Sought(by="nobody"), []),
    ],
)
@pytest.mark.usefixtures("written")
def test_entries_are_found_by_who_and_when(database: Database, sought: Sought, kinds: list[str]) -> None:
    with database.reading() as session:
        assert [entry.kind for entry in audit.read(session, sought)] == kinds
        assert [entry.kind for entry in audit.latest(session, sought, limit=10)] == kinds[::-1]


@pytest.mark.usefixtures("written")
def test_an_entry_says_who_when_from_where_and_why(database: Database, account_id: str) -> None:
    with database.reading() as session:
        seen = next(audit.read(session, Sought(account_id=account_id)))
        invited = next(audit.read(session, Sought()))
    assert (seen.at, seen.by, seen.role, seen.reason) == (START, "bob@example.com", "support", "called")
    assert (invited.came_from, invited.detail) == ("203.0.113.7", {"role": "support"})


def test_more_entries_than_a_page_are_all_read(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "PAGE", 3)
    with database.transaction() as session:
        for number in range(10):
            audit.append(session, ADA, AuditKind.SEARCHED, at=START, number=number)
    with database.reading() as session:
        assert [entry.detail["number"] for entry in audit.read(session, Sought())] == list(range(10))


@pytest.mark.parametrize("change", ["UPDATE audit SET reason = 'x'", "DELETE FROM audit"])
@pytest.mark.usefixtures("written")
def test_what_is_written_is_neither_changed_nor_taken_away(database: Database, change: str) -> None:
    with pytest.raises(DBAPIError, match="only ever added to"), database.transaction() as session:
        session.execute(text(change))


def test_pages_lead_on_to_older_entries_and_end_with_the_oldest(database: Database, account_id: str) -> None:
    with database.transaction() as session:
        for number in range(5):
            audit.append(session, BOB, AuditKind.CASE_SEEN, at=START, account_id=account_id, number=number)
    shown: list[int] = []
    before: int | None = None
    with database.reading() as session:
        for _ in range(3):
            page = audit_lines.page(session, Sought(), before=before, limit=2)
            shown += [line.entry_id for line in page.lines]
            before = page.before
    assert (before, shown) == (None, sorted(shown, reverse=True))
    assert len(shown) == 5


@pytest.mark.usefixtures("written")
def test_a_line_names_the_account_as_the_service_does(database: Database, account_id: str) -> None:
    with database.reading() as session:
        external_id = accounts.get(session, account_id).external_id
        line = next(audit_lines.each(session, Sought(account_id=account_id)))
        rows = list(audit_lines.rows(session, Sought()))
    assert line.sentence == f"opened the case of {external_id}"
    assert rows[0] == audit_lines.COLUMNS
    assert [row[3] for row in rows[1:]] == ["invited", "case_seen", "signed_out", "rollout_ordered"]
