"""The nightly comparison of the host's list: which worker does it, and why it did not work the last time."""

from datetime import datetime

from sqlalchemy import Update, or_
from sqlmodel import Field, Session, SQLModel, col, update

from store.engine.types import Instant
from store.engine.upserts import insert

_ONE = "host"


class HostListRun(SQLModel, table=True):
    """The one row. Nobody begins before `rests_until`; `failed_because` is of the try that ended at `tried_at`.

    `claimed_at` names the last claim: whoever made it holds the list until another one has claimed it. The list was due
    for the first time at `wanted_since`.
    """

    __tablename__ = "host_list_run"

    name: str = Field(primary_key=True, default=_ONE)
    rests_until: datetime = Field(sa_type=Instant)
    claimed_at: datetime | None = Field(default=None, sa_type=Instant)
    wanted_since: datetime | None = Field(default=None, sa_type=Instant)
    done_at: datetime | None = Field(default=None, sa_type=Instant)
    tried_at: datetime | None = Field(default=None, sa_type=Instant)
    failed_because: str = ""


def claim(session: Session, *, due: datetime, now: datetime, until: datetime) -> bool:
    """Whether the list that was due is ours to compare, until a time: nobody has done it, and nobody is at it.

    From then on the claim is called by its time, `now`.
    """
    row = insert(session, HostListRun).values(name=_ONE, rests_until=now, wanted_since=now, failed_because="")
    session.execute(row.on_conflict_do_nothing())
    done_at = col(HostListRun.done_at)
    free = update(HostListRun).where(
        col(HostListRun.rests_until) <= now, or_(done_at.is_(None), done_at < due)
    )
    return _is_changed(session, free.values(rests_until=until, claimed_at=now))


def hold(session: Session, claimed_at: datetime, *, until: datetime) -> bool:
    """Keep what was claimed until a time; False if another one has claimed it since."""
    return _is_changed(session, _own(claimed_at).values(rests_until=until))


def note_done(session: Session, claimed_at: datetime, *, at: datetime) -> bool:
    """The list that was due when it was claimed is compared; False if another one has claimed it since."""
    done = _own(claimed_at).values(rests_until=at, done_at=claimed_at, tried_at=at, failed_because="")
    return _is_changed(session, done)


def note_trouble(
    session: Session, claimed_at: datetime, trouble: str, *, at: datetime, until: datetime
) -> bool:
    """It did not work, and is tried again from a time on; False if another one has claimed it since."""
    failed = _own(claimed_at).values(rests_until=until, tried_at=at, failed_because=trouble)
    return _is_changed(session, failed)


def last(session: Session) -> HostListRun | None:
    """The row; None if no list was ever due."""
    return session.get(HostListRun, _ONE)


def _own(claimed_at: datetime) -> Update:
    return update(HostListRun).where(col(HostListRun.claimed_at) == claimed_at)


def _is_changed(session: Session, statement: Update) -> bool:
    return bool(session.execute(statement).rowcount)  # type: ignore[attr-defined]
