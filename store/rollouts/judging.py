"""Measures and judges one guardrail: all of its people, its slices, and against the holdout."""

from dataclasses import replace

from sqlmodel import Session

from domain.rollouts.confidence import Stretch
from domain.rollouts.guardrails import Against, Assessment, Guardrail, assess
from domain.rollouts.slice_verdicts import with_slices
from store.rollouts import comparisons, guardrail_rates, risk, samples, slices
from store.rollouts.risk import Scope


def judge(session: Session, scope: Scope, guardrail: Guardrail, over: Stretch) -> Assessment:
    """What a guardrail says of the launched people of a scope, over a stretch of time."""
    if guardrail.against is Against.HOLDOUT:
        sample, holdout = comparisons.read(session, scope, guardrail.metric)
        still_held_out = risk.still_held_out(session, scope.cohort_id)
        return replace(assess(guardrail, sample, holdout, over=over), still_held_out=still_held_out)
    sample = samples.together(session, scope, guardrail_rates.counted(guardrail.metric, scope))
    return with_slices(
        assess(guardrail, sample, over=over), slices.failed(session, scope, guardrail, beginning=over.number)
    )
