"""The slices of cohorts' people to whom the prompt is not shown, since when, because of what, and how that ended.

What keeps the prompt from somebody is asked here, too: such a hold, or the switch that stops prompts.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, Index, SQLColumnExpression, exists, or_
from sqlmodel import Field, Session, SQLModel, col, select, text
from uuid_utils.compat import uuid7

from domain.attempts import Scene
from domain.errors import Refused, Unknown
from domain.rollouts.guardrails import Metric
from domain.rollouts.slice_holds import SliceHold
from domain.rollouts.slices import Dimension, Slice
from domain.switches import Switch
from store.engine.types import Instant
from store.journeys import switches
from store.people.accounts import Account
from store.people.attempts import Attempt
from store.rollouts.members import Member

_IS_OPEN = text("ended_at IS NULL")


class HeldSlice(SQLModel, table=True):
    """One hold. `low` is the lower bound of the rate by which the slice failed, of `size` people."""

    __tablename__ = "held_slice"
    __table_args__ = (
        Index(
            "ix_held_slice_open",
            *("cohort_id", "dimension", "value", "metric"),
            unique=True,
            sqlite_where=_IS_OPEN,
            postgresql_where=_IS_OPEN,
        ),
        Index("ix_held_slice_cohort_id", "cohort_id", "since"),
    )

    hold_id: str = Field(primary_key=True, default_factory=lambda: str(uuid7()))
    cohort_id: str = Field(foreign_key="cohort.cohort_id")
    dimension: str
    value: str
    metric: str
    low: float
    size: int
    since: datetime = Field(sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
    ended_by: str = ""


def of_cohort(session: Session, cohort_id: str, *, only_open: bool = False) -> list[SliceHold]:
    """The holds of a cohort, the newest first."""
    query = select(HeldSlice).where(HeldSlice.cohort_id == cohort_id)
    if only_open:
        query = query.where(_IS_OPEN)
    ordered = query.order_by(col(HeldSlice.since).desc(), col(HeldSlice.hold_id).desc())
    return [_hold(row) for row in session.exec(ordered)]


def open_ones(session: Session) -> list[tuple[str, SliceHold]]:
    """All open holds with their cohorts' ids."""
    query = select(HeldSlice).where(_IS_OPEN).order_by(col(HeldSlice.hold_id))
    return [(row.cohort_id, _hold(row)) for row in session.exec(query)]


def begin(
    session: Session,
    cohort_id: str,
    held: Slice,
    metric: Metric,
    *,
    low: float,
    size: int,
    at: datetime,
) -> None:
    """Keep the prompt from a slice."""
    row = HeldSlice(
        cohort_id=cohort_id,
        dimension=held.by,
        value=held.value,
        metric=metric,
        low=low,
        size=size,
        since=at,
    )
    session.add(row)
    session.flush()


def end(session: Session, cohort_id: str, hold_id: str, *, by: str, at: datetime) -> SliceHold:
    """Let the prompt come back to a slice. Raises Unknown, and Refused if that has happened already."""
    row = session.get(HeldSlice, hold_id, with_for_update=True, populate_existing=True)
    if row is None or row.cohort_id != cohort_id:
        raise Unknown(f"no hold {hold_id}")
    if row.ended_at:
        raise Refused("this hold has ended already")
    row.ended_at, row.ended_by = at, by
    session.add(row)
    session.flush()
    return _hold(row)


def is_any_open(account_id: SQLColumnExpression[str]) -> ColumnElement[bool]:
    """Whether prompts are stopped for anybody, or the cohort that has launched an account holds any slice at all.

    It is for the query that decides a prompt; `spares` says whether the person is meant.
    """
    is_any_held = (
        exists()
        .where(col(Member.account_id) == account_id, col(Member.launched_at).is_not(None))
        .where(col(HeldSlice.cohort_id) == Member.cohort_id, _IS_OPEN)
    )
    return or_(is_any_held, switches.is_any_open(Switch.PROMPTS))


def spares(session: Session, account_id: str, scene: Scene | None) -> bool:
    """Whether the prompt is stopped for somebody, or they are in a slice that their cohort holds, on the software of
    `scene`. Without a scene, only a stop can keep the prompt from them.
    """
    if switches.is_stopped(session, Switch.PROMPTS, account_id, scene):
        return True
    return scene is not None and _is_held(session, account_id, scene)


def _is_held(session: Session, account_id: str, scene: Scene) -> bool:
    query = (
        select(HeldSlice, Member.wave)
        .join(Member, col(Member.cohort_id) == HeldSlice.cohort_id)
        .where(col(Member.account_id) == account_id, col(Member.launched_at).is_not(None), _IS_OPEN)
    )
    held = session.exec(query).all()
    return any(_value(session, account_id, scene, wave, row.dimension) == row.value for row, wave in held)


def _value(session: Session, account_id: str, scene: Scene, wave: int | None, dimension: str) -> str | None:
    """In which slice of a dimension somebody is; None or empty if nobody knows."""
    match Dimension(dimension):
        case Dimension.WAVE:
            return None if wave is None else str(wave + 1)
        case Dimension.COUNTRY:
            return session.exec(select(Account.country).where(Account.account_id == account_id)).first()
        case Dimension.PLATFORM:
            return scene.software.system
        case Dimension.BROWSER:
            return scene.software.browser_name
    return latest_provider(session, account_id)


def latest_provider(session: Session, account_id: str) -> str | None:
    """Who keeps the passkey that the account made or used last; None if nobody knows."""
    query = select(Attempt.provider).where(col(Attempt.account_id) == account_id, col(Attempt.provider) != "")
    return session.exec(
        query.order_by(col(Attempt.at).desc(), col(Attempt.attempt_id).desc()).limit(1)
    ).first()


def _hold(row: HeldSlice) -> SliceHold:
    return SliceHold(
        hold_id=row.hold_id,
        slice=Slice(by=Dimension(row.dimension), value=row.value),
        metric=Metric(row.metric),
        since=row.since,
        ended_at=row.ended_at,
        ended_by=row.ended_by,
    )
