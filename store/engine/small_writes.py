"""A write as small as can be, by which somebody finds out whether the database takes any."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from store.engine.database import Database
from store.engine.types import Instant
from store.engine.upserts import insert


class SmallWrite(SQLModel, table=True):
    """When somebody last tried to write. `name` says who."""

    __tablename__ = "small_write"

    name: str = Field(primary_key=True)
    at: datetime = Field(sa_type=Instant)


def try_one(database: Database, name: str, *, at: datetime) -> None:
    """Write, and wait until it is on the disk. Raises DatabaseAway; a disk that is full or read-only is that, too."""
    with database.transaction() as session:
        row = insert(session, SmallWrite).values(name=name, at=at)
        session.execute(row.on_conflict_do_update(index_elements=["name"], set_={"at": at}))
