"""The chain of the journal's days: one row for each finished day, with the digests of its entries in their order."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Column, LargeBinary
from sqlmodel import Field, Session, SQLModel, col, select

from domain.evidence.chains import DayLink
from store.engine.types import Instant
from store.engine.upserts import insert


class JournalDay(SQLModel, table=True):
    """One sealed day. `leaves` are the digests of its entries, one behind the other, so that a path needs no entry."""

    __tablename__ = "journal_day"

    day: date = Field(primary_key=True)
    rule: int
    last_entry_id: int = Field(sa_type=BigInteger)
    entries: int
    root: str
    previous: str
    digest: str
    sealed_at: datetime = Field(sa_type=Instant)
    leaves: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


_LINK: tuple[Any, ...] = (
    col(JournalDay.day),
    col(JournalDay.rule),
    col(JournalDay.last_entry_id),
    col(JournalDay.entries),
    col(JournalDay.root),
    col(JournalDay.previous),
    col(JournalDay.digest),
)


def add(session: Session, link: DayLink, leaves: bytes, *, at: datetime) -> None:
    """Keep the link of a day, unless another process has just sealed the same day."""
    row = insert(session, JournalDay).values(
        day=link.day,
        rule=link.rule,
        last_entry_id=link.last_entry_id,
        entries=link.entries,
        root=link.root,
        previous=link.previous,
        digest=link.digest,
        sealed_at=at,
        leaves=leaves,
    )
    session.execute(row.on_conflict_do_nothing(index_elements=["day"]))


def every(session: Session) -> list[DayLink]:
    """The whole chain, oldest first: a row for each day."""
    return [_link(row) for row in session.execute(select(*_LINK).order_by(col(JournalDay.day)))]


def newest(session: Session) -> DayLink | None:
    """The newest link; None before the first day is sealed."""
    row = session.execute(select(*_LINK).order_by(col(JournalDay.day).desc()).limit(1)).first()
    return _link(row) if row else None


def leaves(session: Session, day: date) -> bytes:
    """The digests of a sealed day's entries, in their order."""
    return session.exec(select(JournalDay.leaves).where(JournalDay.day == day)).one()


def _link(row: Sequence[Any]) -> DayLink:
    day, rule, last_entry_id, entries, root, previous, digest = row
    return DayLink(
        day=day,
        rule=rule,
        last_entry_id=last_entry_id,
        entries=entries,
        root=root,
        previous=previous,
        digest=digest,
    )
