"""Signs of life of processes that answer no requests, so that other processes can say whether they run."""

from datetime import datetime

from sqlmodel import Field, Session, SQLModel

from store.engine.types import Instant
from store.engine.upserts import insert

RELAY = "relay"


class Heartbeat(SQLModel, table=True):
    """When a process was last seen at work."""

    name: str = Field(primary_key=True)
    at: datetime = Field(sa_type=Instant)


def beat(session: Session, name: str, *, at: datetime) -> None:
    """Note a sign of life."""
    sign = insert(session, Heartbeat).values(name=name, at=at)
    session.execute(sign.on_conflict_do_update(index_elements=["name"], set_={"at": at}))


def last(session: Session, name: str) -> datetime | None:
    """The last sign of life, if there ever was one."""
    heartbeat = session.get(Heartbeat, name)
    return heartbeat.at if heartbeat else None
