"""The switch that stops retiring SMS for everybody. It is one row, which every act that retires SMS reads."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column
from sqlmodel import Field, Session, SQLModel

from domain.errors import RetiringStopped
from domain.retiring import Retiring
from store.engine.types import Instant
from store.engine.upserts import insert

_ONLY = 1


class RetiringSwitch(SQLModel, table=True):
    """The one row. Without it, nobody has ever turned the switch."""

    __tablename__ = "retiring_switch"

    switch_id: int = Field(primary_key=True)
    is_stopped: bool
    since: datetime | None = Field(default=None, sa_type=Instant)
    by: str
    reason: str
    is_automatic: bool
    accepted: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))


def read(session: Session) -> Retiring:
    """Where the switch stands."""
    row = session.get(RetiringSwitch, _ONLY, populate_existing=True)
    return _retiring(row) if row else Retiring()


def require(session: Session) -> None:
    """Raise RetiringStopped if the switch is off.

    The row stays locked against a stop until the transaction ends: when a stop is done, nothing retires any more.
    """
    lock = {"read": True}
    row = session.get(RetiringSwitch, _ONLY, with_for_update=lock, populate_existing=True)
    if row and row.is_stopped:
        raise RetiringStopped(row.reason)


def turn(session: Session, retiring: Retiring) -> None:
    """Put the switch where it is to stand."""
    columns = {
        "is_stopped": retiring.is_stopped,
        "since": retiring.since,
        "by": retiring.by,
        "reason": retiring.reason,
        "is_automatic": retiring.is_automatic,
        "accepted": dict(retiring.accepted),
    }
    row = insert(session, RetiringSwitch).values(switch_id=_ONLY, **columns)
    session.execute(row.on_conflict_do_update(index_elements=["switch_id"], set_=columns))


def accept(session: Session, accepted: Mapping[str, int]) -> None:
    """Keep how many breaches of each invariant an admin knows of."""
    row = session.get(RetiringSwitch, _ONLY, with_for_update=True, populate_existing=True)
    if row and row.accepted != accepted:
        row.accepted = dict(accepted)
        session.add(row)
        session.flush()


def _retiring(row: RetiringSwitch) -> Retiring:
    return Retiring(
        is_stopped=row.is_stopped,
        since=row.since,
        by=row.by,
        reason=row.reason,
        is_automatic=row.is_automatic,
        accepted=row.accepted,
    )
