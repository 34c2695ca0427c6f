"""A cohort's numbers at each assessment, a row for each time, for curves and for the latest verdicts."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from math import ceil
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import JSON, Column, Select, func, or_, select
from sqlmodel import Field, Session, SQLModel, col

from domain.rollouts.guardrails import Assessment
from domain.rollouts.sample_ratio import SampleRatio
from store.engine.types import Instant
from store.engine.upserts import insert
from store.rollouts.measurements import Reached, WaveFunnel, together

_ASSESSMENTS = TypeAdapter(tuple[Assessment, ...])
_DRAW = TypeAdapter(SampleRatio | None)


class CohortTally(SQLModel, table=True):
    """The numbers of one cohort at one time."""

    __tablename__ = "cohort_tally"

    cohort_id: str = Field(primary_key=True, foreign_key="cohort.cohort_id")
    at: datetime = Field(primary_key=True, sa_type=Instant)
    assessments: list[dict[str, Any]] = Field(sa_column=Column(JSON, nullable=False))
    reached: dict[str, int] = Field(sa_column=Column(JSON, nullable=False))
    draw: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    held_out: dict[str, int] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))


@dataclass(frozen=True, kw_only=True)
class Tally:
    """The numbers of a cohort at one time: all waves together, without the holdout.

    `draw` compares all members with the plan; None if nobody has looked. `held_out` are the people of the holdout; None
    without a holdout, and at looks before they were counted.
    """

    at: datetime
    assessments: tuple[Assessment, ...]
    reached: Reached
    draw: SampleRatio | None = None
    held_out: Reached | None = None


def record(
    session: Session,
    cohort_id: str,
    *,
    at: datetime,
    assessments: tuple[Assessment, ...],
    funnel: Sequence[WaveFunnel] = (),
    draw: SampleRatio | None = None,
) -> None:
    """Keep a tally; a second tally for one time is ignored. Measure before, in a transaction that only reads."""
    row = {
        "cohort_id": cohort_id,
        "at": at,
        "assessments": _ASSESSMENTS.dump_python(assessments, mode="json"),
        "reached": asdict(together(funnel)),
        "draw": _DRAW.dump_python(draw, mode="json"),
        "held_out": _held_out(funnel),
    }
    session.execute(insert(session, CohortTally).values(row).on_conflict_do_nothing())


def series(
    session: Session, cohort_id: str, *, since: datetime | None = None, points: int = 200
) -> list[Tally]:
    """The tallies of a cohort, oldest first, evenly thinned out to at most `points` (2 or more), with the newest."""
    tallies = _tallies(cohort_id, since)
    count = session.execute(select(func.count()).select_from(tallies.subquery())).scalar_one()
    numbered = tallies.add_columns(
        (func.row_number().over(order_by=col(CohortTally.at)) - 1).label("number")
    ).subquery()
    # Every `step`-th from the first on, and the newest: never more than `points`.
    step = max(ceil((count - 1) / max(points - 1, 1)), 1)
    is_kept = or_(numbered.c.number % step == 0, numbered.c.number == count - 1)
    rows = session.execute(select(numbered).where(is_kept).order_by(numbered.c.at))
    return [_tally(row.at, row.assessments, row.reached, row.draw, row.held_out) for row in rows]


def latest_assessments(session: Session, cohort_id: str) -> tuple[datetime, tuple[Assessment, ...]] | None:
    """The time and the assessments of the newest tally; None before the first."""
    tally = latest(session, cohort_id)
    return (tally.at, tally.assessments) if tally else None


def first_since(session: Session, cohort_id: str, since: datetime) -> Tally | None:
    """The oldest tally of a cohort from a time on; None if there is none."""
    row = session.execute(_tallies(cohort_id, since).order_by(col(CohortTally.at)).limit(1)).first()
    return _tally(row.at, row.assessments, row.reached, row.draw, row.held_out) if row else None


def latest(session: Session, cohort_id: str, *, until: datetime | None = None) -> Tally | None:
    """The newest tally of a cohort, or the newest of a time and before; None before the first assessment."""
    query = _tallies(cohort_id, None).order_by(col(CohortTally.at).desc()).limit(1)
    if until is not None:
        query = query.where(col(CohortTally.at) <= until)
    row = session.execute(query).first()
    return _tally(row.at, row.assessments, row.reached, row.draw, row.held_out) if row else None


def _held_out(funnel: Sequence[WaveFunnel]) -> dict[str, int] | None:
    row = next((row for row in funnel if row.held_out and row.members), None)
    return {field.name: getattr(row, field.name) for field in fields(Reached)} if row else None


def _tallies(
    cohort_id: str, since: datetime | None
) -> Select[datetime, list[dict[str, Any]], dict[str, int], dict[str, Any] | None, dict[str, int] | None]:
    query = select(
        col(CohortTally.at),
        col(CohortTally.assessments),
        col(CohortTally.reached),
        col(CohortTally.draw),
        col(CohortTally.held_out),
    )
    query = query.where(col(CohortTally.cohort_id) == cohort_id)
    return query.where(col(CohortTally.at) >= since) if since else query


def _tally(
    at: datetime,
    assessments: list[dict[str, Any]],
    reached: dict[str, int],
    draw: dict[str, Any] | None,
    held_out: dict[str, int] | None,
) -> Tally:
    return Tally(
        at=at,
        assessments=_ASSESSMENTS.validate_python(assessments),
        reached=Reached(**reached),
        draw=_DRAW.validate_python(draw),
        held_out=Reached(**held_out) if held_out else None,
    )
