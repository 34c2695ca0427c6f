"""The columns that say what a route or contact goes back to, and from when it is established."""

from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import ColumnElement
from sqlmodel import Field, Session, SQLModel, col

from domain.safety.guard import trust_under
from domain.trust import Root, Trust, Way
from store.engine import raised_guards
from store.engine.types import Instant


class TrustColumns(SQLModel):
    """`root` and `rooted_at` are inherited from the session `bound_in`, which is None for what the host told.

    A row whose `established_from` has come is established: nothing has to run at that moment.
    """

    root: str
    rooted_at: datetime = Field(sa_type=Instant)
    bound_in: str | None = Field(default=None, index=True)
    way: str
    established_from: datetime | None = Field(default=None, sa_type=Instant)


class TrustedRow(Protocol):
    """A row with these columns, and the moment when it was bound."""

    root: str
    rooted_at: datetime
    bound_in: str | None
    way: str
    established_from: datetime | None

    @property
    def bound_at(self) -> datetime:
        """When the route or contact was bound."""
        ...


def of_row(row: TrustedRow) -> Trust:
    """The trust that a row holds."""
    return Trust(
        root=Root(row.root),
        rooted_at=row.rooted_at,
        bound_at=row.bound_at,
        way=Way(row.way),
        established_from=row.established_from,
    )


def counted(session: Session, trust: Trust, *, now: datetime) -> Trust:
    """The trust that counts now: under guard nothing becomes established by waiting."""
    return trust_under(raised_guards.find_up(session, now=now), trust)


def columns(trust: Trust, *, bound_in: str | None) -> dict[str, Any]:
    """The values of the columns for a new row."""
    return {
        "root": trust.root,
        "rooted_at": trust.rooted_at,
        "bound_in": bound_in,
        "way": trust.way,
        "established_from": trust.established_from,
    }


def is_established(table: Any, now: datetime) -> ColumnElement[bool]:
    """The condition under which a row of a table is established."""
    return col(table.established_from) <= now
