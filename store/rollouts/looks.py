"""The looks at a cohort's guardrails: at everybody at risk, and after a failure at those who came later."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from domain.rollouts import second_looks
from domain.rollouts.guardrails import Assessment, Guardrail
from domain.rollouts.rollout import Standing, present_wave
from store.rollouts import cohorts, measurements, tallies


@dataclass(frozen=True, kw_only=True)
class Looks:
    """What every guardrail says, and the waves, from 0, that the people of those came from that roll back.

    `standing` is where the rollout stood.
    """

    assessments: tuple[Assessment, ...]
    standing: Standing
    waves: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class _Occasion:
    """What the looks at all guardrails of a cohort have in common."""

    cohort_id: str
    bake: timedelta
    suspected_at: datetime | None
    last_suspected_at: datetime | None
    now: datetime


def look(session: Session, cohort_id: str, *, now: datetime) -> Looks:
    """Measure and judge every guardrail of a cohort. Nothing is written."""
    row = cohorts.get(session, cohort_id)
    cohort, standing = cohorts.description(row), cohorts.standing(row)
    occasion = _Occasion(
        cohort_id=cohort_id,
        bake=present_wave(standing, cohort).bake,
        suspected_at=standing.suspected_at,
        last_suspected_at=cohorts.latest_at(session, cohort_id, second_looks.SUSPECTED),
        now=now,
    )
    latest = tallies.latest_assessments(session, cohort_id)
    previous = latest[1] if latest else ()
    assessments = tuple(
        _assessed(session, occasion, guardrail, second_looks.previous_of(guardrail, previous))
        for guardrail in cohort.guardrails
    )
    return Looks(
        assessments=assessments,
        standing=standing,
        waves=_waves(session, cohort_id, assessments, now=now),
    )


def _assessed(
    session: Session, occasion: _Occasion, guardrail: Guardrail, previous: Assessment | None
) -> Assessment:
    suspected_at = occasion.suspected_at
    entered_since = second_looks.begins_anew(
        guardrail, previous, suspected_at=suspected_at, last_suspected_at=occasion.last_suspected_at
    )
    everybody = _judged(session, occasion, guardrail, entered_since)
    first = second_looks.first_look(
        everybody, previous, suspected_at=suspected_at, entered_since=entered_since
    )
    if not first.is_suspected or suspected_at is None:
        return first
    return second_looks.second_look(first, _judged(session, occasion, guardrail, suspected_at))


def _judged(
    session: Session, occasion: _Occasion, guardrail: Guardrail, entered_since: datetime | None
) -> Assessment:
    return measurements.assessed(
        session,
        occasion.cohort_id,
        guardrail,
        bake=occasion.bake,
        now=occasion.now,
        entered_since=entered_since,
    )


def _waves(
    session: Session, cohort_id: str, assessments: tuple[Assessment, ...], *, now: datetime
) -> tuple[int, ...]:
    waves = {
        wave
        for assessment in assessments
        if second_looks.rolls_back(assessment)
        for wave in _waves_of(session, cohort_id, assessment, now=now)
    }
    return tuple(sorted(waves))


def _waves_of(session: Session, cohort_id: str, assessment: Assessment, *, now: datetime) -> Sequence[int]:
    if assessment.failed_waves:
        return assessment.failed_waves
    guardrail, entered_since = assessment.guardrail, assessment.entered_since
    over = measurements.stretch_of(session, cohort_id, guardrail, now=now, entered_since=entered_since)
    samples = measurements.by_wave(
        session, cohort_id, guardrail.metric, since=over.since, entered_since=entered_since
    )
    return [wave for wave, sample in samples.items() if sample.size]
