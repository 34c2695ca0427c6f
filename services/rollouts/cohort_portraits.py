"""A portrait of one cohort for its operators: where it stands, how far its people are, what its guardrails say."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from domain.errors import Unknown
from domain.rollouts.cohorts import Ineligibility
from domain.rollouts.guardrails import Assessment
from domain.rollouts.paces import CohortPace
from domain.rollouts.rollout import OVER, Standing, present_wave
from domain.rollouts.sample_ratio import SampleRatio
from domain.rollouts.slice_holds import SliceHold
from domain.switches import Switch
from domain.words.cohort_captions import headline, waits_for
from domain.words.moments import stamp
from services.rollouts import cohort_paces
from store import Database, Session
from store.journeys import switches
from store.rollouts import cohorts, measurements, passed_over, slice_holds, tallies
from store.rollouts.cohorts import StoredCohort
from store.rollouts.measurements import WaveFunnel


@dataclass(frozen=True, kw_only=True)
class CohortLine:
    """One cohort in a list."""

    name: str
    stage: str
    headline: str
    launched_at: datetime


@dataclass(frozen=True, kw_only=True)
class LogLine:
    """Who did what to a cohort, when and why."""

    at: datetime
    kind: str
    by: str
    reason: str
    detail: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class CohortPortrait:
    """Everything that is shown of a cohort."""

    name: str
    cohort_id: str
    launched_at: datetime
    policy: str
    ends_at: datetime | None = None
    standing: Standing
    headline: str
    waits_for: str
    bakes_for: timedelta
    waves: tuple[WaveFunnel, ...]
    percents: tuple[float, ...]
    assessed_at: datetime | None
    assessments: tuple[Assessment, ...]
    draw: SampleRatio | None
    log: tuple[LogLine, ...]
    passed_over: dict[Ineligibility, int] = field(default_factory=dict)
    holds: tuple[SliceHold, ...] = ()
    paces: tuple[CohortPace, ...] = ()

    @property
    def is_over(self) -> bool:
        """Whether the rollout is over, so that nothing changes any more."""
        return self.standing.stage in OVER


def lines(session: Session, *, is_archived: bool = False) -> list[CohortLine]:
    """The cohorts on the list, or the archived ones, the newest first."""
    return [_line(row) for row in cohorts.listed(session, is_archived=is_archived)]


def get_by_name(session: Session, name: str) -> StoredCohort:
    """The cohort with this name. Raises Unknown."""
    row = cohorts.by_name(session, name)
    if row is None:
        raise Unknown(f"no cohort is called {name}; `offramp cohort list` names them")
    return row


def read(database: Database, name: str, *, now: datetime) -> CohortPortrait:
    """The portrait of a cohort as it is now. Raises Unknown."""
    with database.reading() as session:
        return draw(session, name, now=now)


def id_of(database: Database, name: str) -> str:
    """The id of the cohort with this name. Raises Unknown."""
    with database.reading() as session:
        return get_by_name(session, name).cohort_id


def draw(
    session: Session, name: str, *, now: datetime, when: Callable[[datetime], str] = stamp
) -> CohortPortrait:
    """The portrait of a cohort; `when` puts an instant into words. Raises Unknown."""
    row = get_by_name(session, name)
    cohort, where = cohorts.description(row), cohorts.standing(row)
    tally = tallies.latest(session, row.cohort_id)
    judged = tally.assessments if tally else ()
    return CohortPortrait(
        name=name,
        cohort_id=row.cohort_id,
        launched_at=row.launched_at,
        policy=cohort.policy.name,
        ends_at=cohort.policy.end.at if cohort.policy.end else None,
        standing=where,
        headline=headline(where, cohort),
        waits_for=waits_for(
            where,
            cohort,
            judged,
            now=now,
            when=when,
            is_switched_off=switches.is_stopped_for_everybody(session, Switch.LAUNCHES),
        ),
        bakes_for=present_wave(where, cohort).bake,
        waves=tuple(measurements.funnel(session, row.cohort_id)),
        percents=tuple(wave.percent for wave in cohort.waves),
        assessed_at=tally.at if tally else None,
        assessments=judged,
        draw=tally.draw if tally else None,
        log=_log(session, row.cohort_id),
        passed_over=passed_over.counts(session, row.cohort_id),
        paces=() if where.stage in OVER else cohort_paces.draw(session, row.cohort_id, now=now),
        holds=tuple(slice_holds.of_cohort(session, row.cohort_id, only_open=True)),
    )


def _line(row: StoredCohort) -> CohortLine:
    where, cohort = cohorts.standing(row), cohorts.description(row)
    return CohortLine(
        name=row.name, stage=row.stage, headline=headline(where, cohort), launched_at=row.launched_at
    )


def _log(session: Session, cohort_id: str) -> tuple[LogLine, ...]:
    return tuple(
        LogLine(at=entry.at, kind=entry.kind, by=entry.by, reason=entry.reason, detail=entry.detail)
        for entry in reversed(cohorts.entries(session, cohort_id))
    )
