"""The switches: one row each, and a row for every stop there ever was. Whoever acts asks here, as it acts."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, ColumnElement, Index, and_, exists, false, or_, true
from sqlmodel import Field, Session, SQLModel, col, select, text
from uuid_utils.compat import uuid7

from domain.attempts import Scene
from domain.rollouts.slices import Dimension, Slice
from domain.switches import Switch, SwitchStop, has_browser
from store.engine.types import Instant
from store.engine.upserts import insert
from store.people import passkeys
from store.people.accounts import Account
from store.people.passkeys import Passkey

IS_OPEN = text("switch_stop.ended_at IS NULL")
_OPEN = text("ended_at IS NULL")


class StoredSwitch(SQLModel, table=True):
    """One switch; whoever turns it locks its row. `accepted` are the breaches that an admin knew of on resuming."""

    __tablename__ = "switch"

    switch: str = Field(primary_key=True)
    accepted: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))


class StoredStop(SQLModel, table=True):
    """One stop, for everybody if `dimension` is empty, else for the slice of `value`."""

    __tablename__ = "switch_stop"
    __table_args__ = (
        Index(
            "ix_switch_stop_open",
            *("switch", "dimension", "value"),
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        Index("ix_switch_stop_switch", "switch", "since"),
    )

    stop_id: str = Field(primary_key=True, default_factory=lambda: str(uuid7()))
    switch: str = Field(foreign_key="switch.switch")
    dimension: str = ""
    value: str = ""
    aaguids: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    since: datetime = Field(sa_type=Instant)
    by: str
    reason: str
    is_automatic: bool = False
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
    ended_by: str = ""
    ended_because: str = ""


def open_stops(session: Session, *switches: Switch) -> list[SwitchStop]:
    """The stops that hold now, of these switches or of all, the oldest first."""
    query = select(StoredStop).where(IS_OPEN).order_by(col(StoredStop.since), col(StoredStop.stop_id))
    if switches:
        query = query.where(col(StoredStop.switch).in_(switches))
    return [_stop(row) for row in session.exec(query)]


def find_open(session: Session, switch: Switch, people: Slice | None) -> SwitchStop | None:
    """The stop that holds now for exactly these people; None if there is none."""
    row = session.exec(select(StoredStop).where(IS_OPEN, *_is_for(switch, people))).first()
    return _stop(row) if row else None


def is_stopped_for_everybody(session: Session, switch: Switch) -> bool:
    """Whether a switch is stopped for all; a stop for a slice is none of it."""
    return find_open(session, switch, None) is not None


def latest(session: Session, *, limit: int) -> list[SwitchStop]:
    """The stops that have ended, the last one first."""
    ended_at = col(StoredStop.ended_at)
    query = select(StoredStop).where(ended_at.is_not(None)).order_by(ended_at.desc()).limit(limit)
    return [_stop(row) for row in session.exec(query)]


def last_ended(session: Session, switch: Switch, people: Slice | None) -> SwitchStop | None:
    """The stop for exactly these people that has ended last; None if there was none."""
    ended_at = col(StoredStop.ended_at)
    query = select(StoredStop).where(ended_at.is_not(None), *_is_for(switch, people))
    row = session.exec(query.order_by(ended_at.desc(), col(StoredStop.stop_id).desc()).limit(1)).first()
    return _stop(row) if row else None


def lock(session: Session, switch: Switch, *, to_turn: bool) -> None:
    """Lock a switch until the transaction ends: `to_turn` it, or against its turning.

    Whoever acts under the lock is done before a stop is, so that nothing acts once the stop is committed.
    """
    if to_turn:
        row = insert(session, StoredSwitch).values(switch=switch, accepted={})
        session.execute(row.on_conflict_do_nothing())
    query = select(StoredSwitch.switch).where(StoredSwitch.switch == switch)
    session.exec(query.with_for_update(read=not to_turn)).first()


def begin(session: Session, stop: SwitchStop) -> None:
    """Stop a switch for people for whom it is not stopped yet; its row has to be locked."""
    row = StoredStop(
        stop_id=stop.stop_id,
        switch=stop.switch,
        dimension=stop.slice.by if stop.slice else "",
        value=stop.slice.value if stop.slice else "",
        aaguids=list(stop.aaguids),
        since=stop.since,
        by=stop.by,
        reason=stop.reason,
        is_automatic=stop.is_automatic,
    )
    session.add(row)
    session.flush()


def end(session: Session, stop_id: str, *, by: str, because: str, at: datetime) -> SwitchStop:
    """End an open stop; its switch has to be locked."""
    row = session.get_one(StoredStop, stop_id, populate_existing=True)
    row.ended_at, row.ended_by, row.ended_because = at, by, because
    session.add(row)
    session.flush()
    return _stop(row)


def accepted(session: Session, switch: Switch) -> Mapping[str, int]:
    """How many breaches of each invariant an admin knows of."""
    row = session.get(StoredSwitch, switch, populate_existing=True)
    return dict(row.accepted) if row else {}


def accept(session: Session, switch: Switch, counts: Mapping[str, int]) -> None:
    """Keep how many breaches of each invariant an admin knows of."""
    row = session.get(StoredSwitch, switch, with_for_update=True, populate_existing=True)
    if row and row.accepted != counts:
        row.accepted = dict(counts)
        session.add(row)
        session.flush()


def is_stopped(session: Session, switch: Switch, account_id: str, scene: Scene | None = None) -> bool:
    """Whether a switch is stopped for an account, on the software of `scene`; see `stopping`."""
    return stopping(session, switch, account_id, scene) is not None


def stopping(
    session: Session, switch: Switch, account_id: str, scene: Scene | None = None
) -> SwitchStop | None:
    """The stop that holds for an account, on the software of `scene`; None if there is none.

    Without a scene nobody is in the slice of a device.
    """
    for stop in open_stops(session, switch):
        query = select(Account.account_id).where(Account.account_id == account_id, _holds(stop, scene))
        if session.exec(query).first() is not None:
            return stop
    return None


def held_by(stops: Sequence[SwitchStop]) -> ColumnElement[bool]:
    """The accounts for which any of some stops holds; never NULL."""
    return or_(false(), *(_holds(stop, None) for stop in stops))


def is_any_open(switch: Switch) -> ColumnElement[bool]:
    """Whether a switch is stopped for anybody; for the query that decides a prompt."""
    return exists().where(col(StoredStop.switch) == switch.value, IS_OPEN)


def _holds(stop: SwitchStop, scene: Scene | None) -> ColumnElement[bool]:
    if stop.slice is None:
        return true()
    match stop.slice.by:
        case Dimension.COUNTRY:
            return and_(col(Account.country).is_not(None), col(Account.country) == stop.slice.value)
        case Dimension.PROVIDER:
            return _keeps_passkey(stop)
    return true() if scene is not None and _is_on(scene, stop.slice) else false()


def _keeps_passkey(stop: SwitchStop) -> ColumnElement[bool]:
    """Whether an account has a passkey that lies with the provider, neither removed nor on hold."""
    return exists().where(
        col(Passkey.account_id) == col(Account.account_id),
        col(Passkey.aaguid).in_(stop.aaguids),
        *passkeys.is_active(),
    )


def _is_on(scene: Scene, people: Slice) -> bool:
    software = scene.software
    if people.by is Dimension.PLATFORM:
        return software.system == people.value
    return has_browser(people, family=software.browser, version=software.browser_major)


def _is_for(switch: Switch, people: Slice | None) -> tuple[ColumnElement[bool], ...]:
    return (
        col(StoredStop.switch) == switch,
        col(StoredStop.dimension) == (people.by if people else ""),
        col(StoredStop.value) == (people.value if people else ""),
    )


def _stop(row: StoredStop) -> SwitchStop:
    people = Slice(by=Dimension(row.dimension), value=row.value) if row.dimension else None
    return SwitchStop(
        stop_id=row.stop_id,
        switch=Switch(row.switch),
        slice=people,
        since=row.since,
        by=row.by,
        reason=row.reason,
        aaguids=tuple(row.aaguids),
        is_automatic=row.is_automatic,
        ended_at=row.ended_at,
        ended_by=row.ended_by,
        ended_because=row.ended_because,
    )
