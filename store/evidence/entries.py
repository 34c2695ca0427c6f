"""Reads the journal in the order of its numbers, without the ORM's memory, as it is sealed and packed."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from domain.evidence.entries import EntryRecord
from store.people.journal import JournalEntry
from store.rollouts.members import Member

BATCH = 2000
"""Entries that are read at once."""

EVERY = 2**63 - 1
"""A number behind that of every entry."""

_COLUMNS: tuple[Any, ...] = (
    col(JournalEntry.entry_id),
    col(JournalEntry.account_id),
    col(JournalEntry.version),
    col(JournalEntry.kind),
    col(JournalEntry.actor),
    col(JournalEntry.at),
    col(JournalEntry.detail),
)


def between(session: Session, after: int, up_to: int) -> Iterator[EntryRecord]:
    """All entries behind one number, up to another one."""
    return _read(session, after, up_to)


def of_account(session: Session, account_id: str, after: int, up_to: int) -> Iterator[EntryRecord]:
    """Those of one account."""
    return _read(session, after, up_to, col(JournalEntry.account_id) == account_id)


def of_cohort(session: Session, cohort_id: str, after: int, up_to: int) -> Iterator[EntryRecord]:
    """Those of a cohort's members, launched or not."""
    members = select(col(Member.account_id)).where(col(Member.cohort_id) == cohort_id)
    return _read(session, after, up_to, col(JournalEntry.account_id).in_(members))


def of_kinds(session: Session, account_ids: Sequence[str], kinds: Sequence[str]) -> list[EntryRecord]:
    """The entries of some kinds of a few accounts, oldest first."""
    of_accounts = col(JournalEntry.account_id).in_(account_ids)
    query = select(*_COLUMNS).where(of_accounts, col(JournalEntry.kind).in_(kinds))
    return [_record(row) for row in session.execute(query.order_by(col(JournalEntry.entry_id)))]


def _read(
    session: Session, after: int, up_to: int, *conditions: ColumnElement[bool]
) -> Iterator[EntryRecord]:
    entry_id = col(JournalEntry.entry_id)
    while True:
        query = select(*_COLUMNS).where(entry_id > after, entry_id <= up_to, *conditions)
        rows = session.execute(query.order_by(entry_id).limit(BATCH)).all()
        yield from map(_record, rows)
        if len(rows) < BATCH:
            return
        after = rows[-1][0]


def _record(row: Sequence[Any]) -> EntryRecord:
    entry_id, account_id, version, kind, actor, at, detail = row
    return EntryRecord(
        entry_id=entry_id,
        account_id=account_id,
        version=version,
        kind=kind,
        actor=actor,
        at=at,
        detail=detail,
    )
