"""When the guard was raised against an attack, by whom, until when, and how that ended. At most one is open.

Whether it is up is decided by the clock at each question, so that it ends by itself while nothing runs.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Field, Index, Session, SQLModel, col, select, text
from uuid_utils.compat import uuid7

from domain.safety.guard import SYSTEM, Guard
from store.engine.types import Instant

_IS_OPEN = text("ended_at IS NULL")


class RaisedGuard(SQLModel, table=True):
    """One raising. Its end is noted when it is lowered, when it is raised anew, or when a worker looks."""

    __tablename__ = "raised_guard"
    __table_args__ = (
        Index(
            "ix_raised_guard_open",
            text("(ended_at IS NULL)"),
            unique=True,
            sqlite_where=_IS_OPEN,
            postgresql_where=_IS_OPEN,
        ),
        Index("ix_raised_guard_since", "since"),
    )

    guard_id: str = Field(primary_key=True, default_factory=lambda: str(uuid7()))
    since: datetime = Field(sa_type=Instant)
    until: datetime = Field(sa_type=Instant)
    by: str
    reason: str
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
    ended_by: str = ""
    end_reason: str = ""


def find_up(session: Session, *, now: datetime, for_change: bool = False) -> Guard | None:
    """The guard that is up now; locked if it is to be changed."""
    row = _open(session, for_change=for_change)
    guard = _guard(row) if row else None
    return guard if guard and guard.is_up(now) else None


def put_up(session: Session, guard: Guard) -> None:
    """Keep a guard as the one that is open; the open one of the same beginning gets another end."""
    row = _open(session, for_change=True) or RaisedGuard(
        since=guard.since, until=guard.until, by="", reason=""
    )
    row.since, row.until, row.by, row.reason = guard.since, guard.until, guard.by, guard.reason
    session.add(row)
    session.flush()


def put_down(session: Session, *, at: datetime, by: str, reason: str) -> Guard | None:
    """End the open guard, and return it; None if none is open. One whose time was over ended then, by itself."""
    row = _open(session, for_change=True)
    if row is None:
        return None
    is_over = row.until <= at
    row.ended_at = row.until if is_over else at
    row.ended_by, row.end_reason = (SYSTEM, "") if is_over else (by, reason)
    session.add(row)
    session.flush()
    return _guard(row)


def has_ended_unnoted(session: Session, *, now: datetime) -> bool:
    """Whether the open guard's time is over."""
    row = _open(session)
    return row is not None and row.until <= now


def note_end(session: Session, *, now: datetime) -> Guard | None:
    """Note that the open guard's time is over, if it is; returns it once."""
    is_over = has_ended_unnoted(session, now=now)
    return put_down(session, at=now, by=SYSTEM, reason="") if is_over else None


def history(session: Session, *, limit: int) -> Sequence[Guard]:
    """The latest guards, newest first, as they are on record."""
    query = select(RaisedGuard).order_by(col(RaisedGuard.since).desc(), col(RaisedGuard.guard_id).desc())
    return [_guard(row) for row in session.exec(query.limit(limit))]


def _open(session: Session, *, for_change: bool = False) -> RaisedGuard | None:
    query = select(RaisedGuard).where(_IS_OPEN)
    locked = query.with_for_update() if for_change else query
    return session.exec(locked.execution_options(populate_existing=True)).first()


def _guard(row: RaisedGuard) -> Guard:
    return Guard(
        since=row.since,
        until=row.until,
        by=row.by,
        reason=row.reason,
        ended_at=row.ended_at,
        ended_by=row.ended_by,
        end_reason=row.end_reason,
    )
