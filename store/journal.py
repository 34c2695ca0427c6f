"""The journal: what happened, once and for ever. It is the audit trail, and the outbox of facts for journeys."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Index, Integer, func, text
from sqlmodel import Field, Session, SQLModel, col, insert, select, update

from domain.journal import Actor, EventKind, concerns_journey, is_progress
from store import accounts
from store.types import Instant


class JournalEntry(SQLModel, table=True):
    """One thing that happened to one account."""

    __tablename__ = "journal"
    __table_args__ = (
        Index("ix_journal_account", "account_id", "entry_id"),
        Index(
            "ix_journal_unpublished",
            "entry_id",
            sqlite_where=text("published_at IS NULL"),
            postgresql_where=text("published_at IS NULL"),
        ),
    )

    entry_id: int | None = Field(
        default=None, sa_column=Column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    )
    account_id: str = Field(foreign_key="account.account_id")
    version: int
    kind: str
    actor: str
    at: datetime = Field(sa_type=Instant)
    detail: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    published_at: datetime | None = Field(default=None, sa_type=Instant)


def append(
    session: Session,
    account_id: str,
    kind: EventKind,
    *,
    at: datetime,
    actor: Actor,
    **detail: Any,
) -> int:
    """Write one entry and raise the account's facts version; returns that version.

    `detail` holds ids, counts and enums, never a phone number, an address or a code. An entry that the journey made
    itself, or that it does not decide by, is born published: nobody has to be told.
    """
    session.flush()  # the version below is raised past the ORM, which must not write an older one over it
    version = accounts.raise_version(session, account_id, progress_at=at if is_progress(kind) else None)
    told = actor is Actor.JOURNEY or not concerns_journey(kind)
    entry = {
        "account_id": account_id,
        "version": version,
        "kind": kind,
        "actor": actor,
        "at": at,
        "detail": detail,
        "published_at": at if told else None,
    }
    session.execute(insert(JournalEntry).values(entry))
    session.expire_all()
    return version


def of_account(session: Session, account_id: str, *, limit: int = 200) -> Sequence[JournalEntry]:
    """The account's latest entries, oldest first."""
    query = select(JournalEntry).where(JournalEntry.account_id == account_id)
    latest = session.exec(query.order_by(col(JournalEntry.entry_id).desc()).limit(limit)).all()
    return list(reversed(latest))


def unpublished_accounts(session: Session, *, limit: int) -> list[str]:
    """Accounts with entries that their journeys have not been told of, the longest-waiting first."""
    query = (
        select(JournalEntry.account_id)
        .where(col(JournalEntry.published_at).is_(None))
        .group_by(JournalEntry.account_id)
        .order_by(func.min(JournalEntry.entry_id))
        .limit(limit)
    )
    return list(session.exec(query).all())


def mark_published(session: Session, account_id: str, *, up_to_version: int, at: datetime) -> None:
    """Note that the journey has been sent everything up to a version."""
    session.execute(
        update(JournalEntry)
        .where(
            col(JournalEntry.account_id) == account_id,
            col(JournalEntry.published_at).is_(None),
            col(JournalEntry.version) <= up_to_version,
        )
        .values(published_at=at)
    )


def oldest_unpublished(session: Session) -> datetime | None:
    """Since when the longest-waiting entry waits: the relay's lag."""
    return session.exec(
        select(func.min(JournalEntry.at)).where(col(JournalEntry.published_at).is_(None))
    ).one()
