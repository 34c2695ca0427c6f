"""The audit: what staff did, who, when, from where and why. Entries are only added; the database enforces it.

It lets go of two things alone: from where somebody came, and what was written about an account that was erased.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Index, Integer, text
from sqlmodel import Field, Session, SQLModel, col, insert, select

from domain.safety.contact_keys import contact_key
from domain.staff.staff import AuditKind, Author
from store.engine.types import Instant

PAGE = 500
"""How many entries are read at once."""


class AuditEntry(SQLModel, table=True):
    """One thing that one member of staff did. It holds ids and enums of accounts, never a contact or a name."""

    __tablename__ = "audit"
    __table_args__ = (
        Index("ix_audit_at", "at"),
        Index("ix_audit_account", "account_id", "entry_id"),
        Index("ix_audit_by", "by", "entry_id"),
        Index("ix_audit_kind", "kind", "entry_id"),
        Index("ix_audit_cohort", "cohort_id", "entry_id"),
        Index(
            "ix_audit_came_from",
            "at",
            sqlite_where=text("came_from <> ''"),
            postgresql_where=text("came_from <> ''"),
        ),
    )

    entry_id: int | None = Field(
        default=None, sa_column=Column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    )
    at: datetime = Field(sa_type=Instant)
    kind: str
    by: str
    staff_id: str | None = Field(default=None, foreign_key="staff.staff_id")
    role: str | None = None
    came_from: str = ""
    account_id: str | None = Field(default=None, foreign_key="account.account_id")
    cohort_id: str | None = None
    reason: str = ""
    detail: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))


@dataclass(frozen=True, kw_only=True)
class Sought:
    """Which entries a reader wants: of a time from `since` to before `until`; None means any."""

    since: datetime | None = None
    until: datetime | None = None
    kind: AuditKind | None = None
    account_id: str | None = None
    cohort_id: str | None = None
    by: str | None = None

    def named(self) -> dict[str, str]:
        """What is sought, as the audit keeps it: an account may be sought by its address, which is not kept."""
        named = {
            "since": self.since.isoformat() if self.since else None,
            "until": self.until.isoformat() if self.until else None,
            "kind": self.kind,
            "account": "one" if self.account_id else None,
            "cohort": self.cohort_id,
            "by": self.by,
        }
        return {name: value for name, value in named.items() if value}


def append(
    session: Session,
    author: Author,
    kind: AuditKind,
    *,
    at: datetime,
    account_id: str | None = None,
    cohort_id: str | None = None,
    reason: str = "",
    **detail: Any,
) -> None:
    """Write one entry. `detail` holds ids, counts and enums, never a contact of an account or a code."""
    through = {
        "key_id": author.key_id,
        "on_behalf_of": author.on_behalf_of,
        "together_with": author.together_with,
    }
    entry = {
        "at": at,
        "kind": kind,
        "by": author.by,
        "staff_id": author.staff_id,
        "role": author.role,
        "came_from": author.came_from,
        "account_id": account_id,
        "cohort_id": cohort_id,
        "reason": reason,
        "detail": detail | {name: value for name, value in through.items() if value},
    }
    session.execute(insert(AuditEntry).values(entry))


def read(session: Session, sought: Sought) -> Iterator[AuditEntry]:
    """The entries, oldest first. They are read a page at a time, so that any number fits in memory."""
    last_id = 0
    while entries := _after(session, sought, last_id, PAGE):
        yield from entries
        last_id = entries[-1].entry_id or 0
        session.expunge_all()


def page(session: Session, sought: Sought, *, after: int, limit: int) -> list[AuditEntry]:
    """The next `limit` entries behind the entry id `after`, oldest first."""
    return _after(session, sought, after, limit)


def latest(session: Session, sought: Sought, *, limit: int, before: int | None = None) -> list[AuditEntry]:
    """The newest entries, newest first; with `before`, those older than the entry of this id."""
    query = select(AuditEntry).where(*_conditions(sought))
    if before is not None:
        query = query.where(col(AuditEntry.entry_id) < before)
    return list(session.exec(query.order_by(col(AuditEntry.entry_id).desc()).limit(limit)).all())


def _after(session: Session, sought: Sought, last_id: int, limit: int) -> list[AuditEntry]:
    query = select(AuditEntry).where(col(AuditEntry.entry_id) > last_id, *_conditions(sought))
    return list(session.exec(query.order_by(col(AuditEntry.entry_id)).limit(limit)).all())


def _conditions(sought: Sought) -> list[Any]:
    values = {
        AuditEntry.account_id: sought.account_id,
        AuditEntry.cohort_id: sought.cohort_id,
        AuditEntry.kind: sought.kind,
    }
    conditions: list[Any] = [col(column) == value for column, value in values.items() if value is not None]
    if sought.by is not None:
        # A member's address in any spelling, or a name that the command line was given, as it is.
        conditions.append(col(AuditEntry.by).in_({sought.by, contact_key(sought.by)}))
    if sought.since:
        conditions.append(col(AuditEntry.at) >= sought.since)
    if sought.until:
        conditions.append(col(AuditEntry.at) < sought.until)
    return conditions
