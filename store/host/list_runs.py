"""The nightly comparison of the host's list: which worker does it, and why it did not work the last time."""

from datetime import datetime

from sqlalchemy import or_
from sqlmodel import Field, Session, SQLModel, col, update

from store.engine.types import Instant
from store.engine.upserts import insert

_ONE = "host"


class HostListRun(SQLModel, table=True):
    """The one row. Nobody begins before `rests_until`; `failed_because` is of the try that ended at `tried_at`."""

    __tablename__ = "host_list_run"

    name: str = Field(primary_key=True, default=_ONE)
    rests_until: datetime = Field(sa_type=Instant)
    done_at: datetime | None = Field(default=None, sa_type=Instant)
    tried_at: datetime | None = Field(default=None, sa_type=Instant)
    failed_because: str = ""


def claim(session: Session, *, due: datetime, now: datetime, until: datetime) -> bool:
    """Whether the list that was due is ours to compare, until a time: nobody has done it, and nobody is at it."""
    row = insert(session, HostListRun).values(name=_ONE, rests_until=now, failed_because="")
    session.execute(row.on_conflict_do_nothing())
    done_at = col(HostListRun.done_at)
    free = update(HostListRun).where(
        col(HostListRun.rests_until) <= now, or_(done_at.is_(None), done_at < due)
    )
    return bool(session.execute(free.values(rests_until=until)).rowcount)  # type: ignore[attr-defined]


def hold(session: Session, *, until: datetime) -> None:
    """Keep what was claimed for longer."""
    session.execute(update(HostListRun).values(rests_until=until))


def note_done(session: Session, *, begun_at: datetime, at: datetime) -> None:
    """The list that was due when this began is compared."""
    session.execute(
        update(HostListRun).values(rests_until=at, done_at=begun_at, tried_at=at, failed_because="")
    )


def note_trouble(session: Session, trouble: str, *, at: datetime, until: datetime) -> None:
    """It did not work, and is tried again from a time on."""
    session.execute(update(HostListRun).values(rests_until=until, tried_at=at, failed_because=trouble))


def last(session: Session) -> HostListRun | None:
    """The row; None if no list was ever due."""
    return session.get(HostListRun, _ONE)
