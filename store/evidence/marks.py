"""Up to which number the journal is complete. PostgreSQL gives numbers before transactions commit, in any order."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, text

from store.people import journal


@dataclass(frozen=True, kw_only=True)
class JournalMark:
    """The newest entry at a moment. `transaction` is a number of PostgreSQL's that no writer had by then."""

    entry_id: int
    at: datetime
    transaction: int


def take(session: Session, *, at: datetime) -> JournalMark:
    """Mark the newest entry that can be seen now, in a transaction that may write."""
    # The entry first: whoever has a smaller number has a transaction that is older than the next line's.
    entry_id = journal.newest_id(session)
    return JournalMark(entry_id=entry_id, at=at, transaction=_number(session, "pg_current_xact_id()"))


def is_complete(session: Session, mark: JournalMark) -> bool:
    """Whether everything that was under way at the mark has ended, so that no smaller number can turn up any more."""
    return _number(session, "pg_snapshot_xmin(pg_current_snapshot())") >= mark.transaction


def _number(session: Session, expression: str) -> int:
    """A number of PostgreSQL's transactions; SQLite has one writer at a time, so nothing there is ever under way."""
    if session.get_bind().dialect.name == "sqlite":
        return 0
    question = text(f"SELECT CAST(CAST({expression} AS text) AS bigint)")
    return int(session.execute(question).scalar_one())
