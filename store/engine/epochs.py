"""The database's epoch: which life of the database this is. A restored backup begins another one.

What Temporal and the providers know may be newer than a restored database. By the epoch they can tell that the
database goes on from an earlier moment, and is right all the same.
"""

from datetime import datetime

from sqlalchemy import BigInteger, Column, ColumnElement, func, select
from sqlmodel import Field, Session, SQLModel, col

from store.engine.types import Instant

FIRST = 0
"""The epoch of a database that was never restored; it has no row."""


class Epoch(SQLModel, table=True):
    """One epoch, and who began it. `told_at` is when the last journey and rollout had been told of it."""

    number: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    began_at: datetime = Field(sa_type=Instant)
    begun_by: str
    told_at: datetime | None = Field(default=None, sa_type=Instant)


def current(session: Session) -> int:
    """The database's epoch."""
    return int(session.execute(select(current_in_query())).scalar_one())


def current_in_query() -> ColumnElement[int]:
    """The database's epoch, as a column of a query that is made anyway."""
    return select(func.coalesce(func.max(col(Epoch.number)), FIRST)).scalar_subquery()


def renew(session: Session, *, by: str, at: datetime) -> int:
    """Begin another epoch; returns its number.

    The number is the second in which it begins: a backup that is restored twice must not begin the same epoch twice.
    """
    number = max(current(session) + 1, int(at.timestamp()))
    session.add(Epoch(number=number, began_at=at, begun_by=by))
    session.flush()
    return number


def untold(session: Session) -> Epoch | None:
    """The present epoch, if not every journey and rollout has been told of it yet."""
    epoch = session.get(Epoch, current(session))
    return epoch if epoch and epoch.told_at is None else None


def note_told(session: Session, number: int, *, at: datetime) -> None:
    """Note that every journey and rollout has been told of an epoch."""
    epoch = session.get(Epoch, number)
    if epoch and epoch.told_at is None:
        epoch.told_at = at
        session.add(epoch)
        session.flush()
