"""Keeps the prompt from slices that have failed, and lets it come back, by what an assessment says."""

from collections.abc import Callable
from datetime import datetime

import structlog

from domain.rollouts import slice_holds as rules
from domain.rollouts.guardrails import Assessment
from domain.rollouts.slice_holds import GUARDRAILS
from store import Session
from store.rollouts import cohorts, slice_holds

log = structlog.get_logger()

Tell = Callable[[str], None]
"""Tells the operators which slice of which metric is held."""


def follow(
    session: Session, cohort_id: str, assessments: tuple[Assessment, ...], *, at: datetime, tell: Tell
) -> None:
    """Begin and end holds as the assessments say; what is held already stays as it is."""
    known_holds = slice_holds.of_cohort(session, cohort_id)
    for guardrail, failed in rules.to_begin(assessments, known_holds, now=at):
        what = f"{guardrail.metric} for {failed.slice}"
        size, low = failed.sample.size, failed.low
        slice_holds.begin(session, cohort_id, failed.slice, guardrail.metric, low=low, size=size, at=at)
        cohorts.note(session, cohort_id, "slice_held", by=GUARDRAILS, reason=what, at=at)
        log.warning("slice_held", cohort_id=cohort_id, metric=guardrail.metric, slice=str(failed.slice))
        tell(what)
    for hold in rules.to_end(assessments, known_holds, now=at):
        slice_holds.end(session, cohort_id, hold.hold_id, by=GUARDRAILS, at=at)
        what = f"{hold.metric} for {hold.slice}"
        cohorts.note(session, cohort_id, "slice_released", by=GUARDRAILS, reason=what, at=at)
        log.info("slice_released", cohort_id=cohort_id, metric=hold.metric, slice=str(hold.slice))
