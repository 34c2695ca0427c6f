"""Signs of life: each process keeps a row, so that the others can say whether it runs and how its clock is."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Delete, and_, or_
from sqlalchemy.orm import aliased
from sqlmodel import Field, Session, SQLModel, col, delete, func, select

from store.engine.types import Instant
from store.engine.upserts import insert

LIVES_FOR = timedelta(seconds=15)
"""After this time without a sign of life, a process counts as dead."""

KEPT_FOR = timedelta(hours=1)
"""How long the row of a dead process stays; the last one of each kind stays until another one comes."""


class ProcessKind(StrEnum):
    """What a process does."""

    WORKER = "worker"
    API = "api"
    METRICS = "metrics"


class Heartbeat(SQLModel, table=True):
    """When a process was last seen at work, by the database's clock, and how far its machine's is ahead of that."""

    name: str = Field(primary_key=True)
    kind: str = Field(
        default=ProcessKind.WORKER, sa_column_kwargs={"server_default": ProcessKind.WORKER.value}
    )
    at: datetime = Field(sa_type=Instant)
    offset_seconds: float = Field(default=0.0, sa_column_kwargs={"server_default": "0"})

    @property
    def offset(self) -> timedelta:
        """How far the machine's clock is ahead of the database's; negative if it is behind."""
        return timedelta(seconds=self.offset_seconds)


def beat(
    session: Session, name: str, kind: ProcessKind, *, at: datetime, offset: timedelta = timedelta()
) -> None:
    """Note a sign of life of the process with this name."""
    said = {"kind": kind, "at": at, "offset_seconds": offset.total_seconds()}
    sign = insert(session, Heartbeat).values(name=name, **said)
    session.execute(sign.on_conflict_do_update(index_elements=["name"], set_=said))


def last(session: Session, kind: ProcessKind, *, now: datetime) -> datetime | None:
    """The last sign of life of any process of a kind, if there ever was one. What lies in the future is none."""
    not_ahead = col(Heartbeat.at) <= now + LIVES_FOR
    query = select(func.max(Heartbeat.at, type_=Instant())).where(Heartbeat.kind == kind, not_ahead)
    return session.exec(query).one()


def living(session: Session, *, now: datetime) -> Sequence[Heartbeat]:
    """The processes that live, by name."""
    at = col(Heartbeat.at)
    query = select(Heartbeat).where(at >= now - LIVES_FOR, at <= now + LIVES_FOR)
    return session.exec(query.order_by(Heartbeat.name)).all()


def cleared(*, now: datetime) -> Delete:
    """What deletes the rows of dead processes, but for the last one of each kind: it says since when there is none."""
    at, other = col(Heartbeat.at), aliased(Heartbeat)
    of_its_kind = col(other.kind) == Heartbeat.kind, col(other.at) <= now + LIVES_FOR
    newest = select(func.max(other.at)).where(*of_its_kind).scalar_subquery()
    return delete(Heartbeat).where(or_(at > now + LIVES_FOR, and_(at < now - KEPT_FOR, at < newest)))
