"""What the pages see of the proxies in front of them, so that somebody can hold it against the settings."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Field, Session, SQLModel, col, select

from store.engine.types import Instant
from store.engine.upserts import insert


class ProxySighting(SQLModel, table=True):
    """When a request last came with so many entries in the header of our proxies.

    `is_readable`: the client's address could be read. `has_other_header`: the header came that is not believed.
    """

    __tablename__ = "proxy_sighting"

    entries: int = Field(primary_key=True)
    is_readable: bool = Field(primary_key=True)
    has_other_header: bool = Field(primary_key=True)
    last_at: datetime = Field(sa_type=Instant)


def note(session: Session, *, entries: int, is_readable: bool, has_other_header: bool, at: datetime) -> None:
    """Note that a request came so."""
    sighting = insert(session, ProxySighting).values(
        entries=entries, is_readable=is_readable, has_other_header=has_other_header, last_at=at
    )
    keys = ["entries", "is_readable", "has_other_header"]
    session.execute(sighting.on_conflict_do_update(index_elements=keys, set_={"last_at": at}))


def since(session: Session, at: datetime) -> Sequence[ProxySighting]:
    """All sightings from a moment on, those with the fewest entries first."""
    query = select(ProxySighting).where(col(ProxySighting.last_at) >= at)
    return session.exec(query.order_by(col(ProxySighting.entries))).all()
