"""Changes that wait: asked for by a session that is trusted less than what it wants to change."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Index, text
from sqlmodel import Field, Session, SQLModel, col, select
from uuid_utils.compat import uuid7

from domain.safety.contact_keys import contact_key
from domain.trust import Change
from store.engine.types import Instant


class WaitOutcome(StrEnum):
    """How a waiting change ended. `withdrawn`: by an objection, or because it makes no sense any more."""

    DONE = "done"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class WaitingChange(SQLModel, table=True):
    """One change; `subject_id` is the passkey, code set or address that it is about, `session_id` who asked for it."""

    __tablename__ = "waiting_change"
    __table_args__ = (
        Index(
            "ix_waiting_change_due",
            "due_at",
            sqlite_where=text("settled_at IS NULL"),
            postgresql_where=text("settled_at IS NULL"),
        ),
    )

    change_id: str = Field(primary_key=True, default_factory=lambda: str(uuid7()))
    account_id: str = Field(foreign_key="account.account_id", index=True)
    change: str
    subject_id: str
    session_id: str | None = None
    asked_at: datetime = Field(sa_type=Instant)
    due_at: datetime = Field(sa_type=Instant)
    settled_at: datetime | None = Field(default=None, sa_type=Instant)
    outcome: str | None = None


def ask(
    session: Session,
    account_id: str,
    change: Change,
    subject_id: str,
    *,
    session_id: str | None,
    at: datetime,
    due_at: datetime,
) -> WaitingChange:
    """Keep a change until its moment; asking again for the same, in any spelling, keeps the earlier moment."""
    for waiting in of_account(session, account_id):
        if waiting.change == change and contact_key(waiting.subject_id) == contact_key(subject_id):
            return waiting
    row = WaitingChange(
        account_id=account_id,
        change=change,
        subject_id=subject_id,
        session_id=session_id,
        asked_at=at,
        due_at=due_at,
    )
    session.add(row)
    session.flush()
    return row


def of_account(session: Session, account_id: str) -> Sequence[WaitingChange]:
    """The changes of an account that still wait, the next one first."""
    query = select(WaitingChange).where(
        WaitingChange.account_id == account_id, col(WaitingChange.settled_at).is_(None)
    )
    return session.exec(query.order_by(col(WaitingChange.due_at))).all()


def subjects(session: Session, account_id: str, change: Change) -> dict[str, datetime]:
    """What a kind of change waits for, with the moment of each."""
    return {row.subject_id: row.due_at for row in of_account(session, account_id) if row.change == change}


def begun(session: Session, account_id: str, change: Change) -> dict[str, datetime]:
    """What a kind of change waits for, with the moment when each was asked for."""
    return {row.subject_id: row.asked_at for row in of_account(session, account_id) if row.change == change}


def find(session: Session, account_id: str, change_id: str) -> WaitingChange | None:
    """A change of this account that still waits."""
    row = session.get(WaitingChange, change_id, with_for_update=True, populate_existing=True)
    return row if row and row.account_id == account_id and row.settled_at is None else None


def was_done(session: Session, account_id: str, change_id: str) -> bool:
    """Whether a change of this account does not wait any more because it was done."""
    row = session.get(WaitingChange, change_id)
    return row is not None and row.account_id == account_id and row.outcome == WaitOutcome.DONE


def due(session: Session, *, now: datetime, limit: int = 50) -> Sequence[tuple[str, str]]:
    """The account and id of changes whose moment has come."""
    query = select(WaitingChange.account_id, WaitingChange.change_id).where(
        text("settled_at IS NULL"), col(WaitingChange.due_at) <= now
    )
    return [(row[0], row[1]) for row in session.exec(query.order_by(col(WaitingChange.due_at)).limit(limit))]


def put_off(session: Session, row: WaitingChange, *, until: datetime) -> None:
    """Let a change wait longer."""
    row.due_at = until
    session.add(row)
    session.flush()


def begin_anew(session: Session, account_id: str, *, wait: timedelta, at: datetime) -> None:
    """Let all changes of an account wait anew: a dispute has ended, and while it was open nobody could stop them."""
    for row in of_account(session, account_id):
        put_off(session, row, until=max(row.due_at, at + wait))


def settle(session: Session, row: WaitingChange, outcome: WaitOutcome, *, at: datetime) -> None:
    """Note how a change ended."""
    row.settled_at, row.outcome = at, outcome
    session.add(row)
    session.flush()


def withdraw_of(
    session: Session, account_id: str, session_ids: set[str], *, at: datetime
) -> list[WaitingChange]:
    """Withdraw what sessions have asked for; returns the changes."""
    withdrawn = [row for row in of_account(session, account_id) if row.session_id in session_ids]
    for row in withdrawn:
        settle(session, row, WaitOutcome.WITHDRAWN, at=at)
    return withdrawn
