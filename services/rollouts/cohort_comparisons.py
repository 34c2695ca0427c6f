"""Two cohorts beside each other: how far their people are, now and at the same age, their guardrails, and how they are
defined. Read from the numbers that are kept of each assessment: no account is read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.rollouts.guardrails import Assessment, Metric
from domain.rollouts.paces import CohortPace
from domain.rollouts.rollout import Stage
from domain.words.console_words import STEPS
from domain.words.definition_changes import FieldChange, changes
from services.rollouts import cohort_paces
from services.rollouts.cohort_portraits import get_by_name
from store import Session
from store.rollouts import cohorts, tallies
from store.rollouts.cohorts import StoredCohort
from store.rollouts.measurements import Reached


@dataclass(frozen=True, kw_only=True)
class ComparedCohort:
    """One of the two. `reached` is None before the first assessment.

    `at_same_age` is how far its people were when it was as old as the younger one is now; `looked_at` is when that was
    counted. Both are None where nothing is kept of that time.
    """

    name: str
    cohort_id: str
    stage: Stage
    launched_at: datetime
    reached: Reached | None
    held_out: Reached | None
    at_same_age: Reached | None
    looked_at: datetime | None
    assessments: tuple[Assessment, ...]
    paces: tuple[CohortPace, ...]


@dataclass(frozen=True, kw_only=True)
class StepShare:
    """How many people are at a step, and their share (0 to 1) of those who were launched; None of nobody."""

    people: int
    share: float | None


@dataclass(frozen=True, kw_only=True)
class ComparedStep:
    """One step in both cohorts, now and at the same age; None where nothing is kept."""

    step: str
    first: StepShare | None
    second: StepShare | None
    first_then: StepShare | None
    second_then: StepShare | None


@dataclass(frozen=True, kw_only=True)
class ComparedRate:
    """One metric's latest assessment in both cohorts; None where a cohort has no such guardrail or no assessment."""

    metric: Metric
    first: Assessment | None
    second: Assessment | None


@dataclass(frozen=True, kw_only=True)
class CohortComparison:
    """Both cohorts, the age at which they are compared, and the fields by which they are defined differently."""

    first: ComparedCohort
    second: ComparedCohort
    age: timedelta
    steps: tuple[ComparedStep, ...]
    rates: tuple[ComparedRate, ...]
    differences: tuple[FieldChange, ...]


def draw(session: Session, name: str, other_name: str, *, now: datetime) -> CohortComparison:
    """The comparison of two cohorts by their names. Raises Unknown."""
    rows = get_by_name(session, name), get_by_name(session, other_name)
    age = now - max(row.launched_at for row in rows)
    first, second = (_compared(session, row, age, now) for row in rows)
    return CohortComparison(
        first=first,
        second=second,
        age=age,
        steps=tuple(_step(step, first, second) for step in STEPS),
        rates=tuple(_rates(first.assessments, second.assessments)),
        differences=tuple(changes(*(cohorts.description(row) for row in rows))),
    )


def _step(step: str, first: ComparedCohort, second: ComparedCohort) -> ComparedStep:
    return ComparedStep(
        step=step,
        first=_share(first.reached, step),
        second=_share(second.reached, step),
        first_then=_share(first.at_same_age, step),
        second_then=_share(second.at_same_age, step),
    )


def _share(reached: Reached | None, step: str) -> StepShare | None:
    if reached is None:
        return None
    people: int = getattr(reached, step)
    return StepShare(people=people, share=people / reached.launched if reached.launched else None)


def _rates(first: Sequence[Assessment], second: Sequence[Assessment]) -> Iterator[ComparedRate]:
    """The metrics of both; of several guardrails about one metric, each cohort's first."""
    firsts = [{each.guardrail.metric: each for each in reversed(judged)} for judged in (first, second)]
    for metric in Metric:
        if metric in firsts[0] or metric in firsts[1]:
            yield ComparedRate(metric=metric, first=firsts[0].get(metric), second=firsts[1].get(metric))


def _compared(session: Session, row: StoredCohort, age: timedelta, now: datetime) -> ComparedCohort:
    latest = tallies.latest(session, row.cohort_id)
    then = tallies.latest(session, row.cohort_id, until=row.launched_at + age)
    return ComparedCohort(
        name=row.name,
        cohort_id=row.cohort_id,
        stage=cohorts.standing(row).stage,
        launched_at=row.launched_at,
        reached=latest.reached if latest else None,
        held_out=latest.held_out if latest else None,
        at_same_age=then.reached if then else None,
        looked_at=then.at if then else None,
        assessments=latest.assessments if latest else (),
        paces=cohort_paces.draw(session, row.cohort_id, now=now),
    )
