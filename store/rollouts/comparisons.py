"""Measures launched people and the holdout so that they can be compared: with the time that each was at risk."""

from dataclasses import replace

from sqlmodel import Session

from domain.rollouts.guardrails import Metric, Sample
from store.rollouts import guardrail_rates, samples
from store.rollouts.risk import Scope


def read(session: Session, launched: Scope, metric: Metric) -> tuple[Sample, Sample]:
    """The samples of launched people and of the holdout, both from the moment at which anybody launched was at risk.

    Without such a start in common, trouble of earlier days would count for the holdout alone. Messages are tried once,
    so they have no time at risk.
    """
    held_out = replace(launched, held_out=True, entered_since=None)
    if metric is Metric.UNDELIVERED:
        tried, tried_by_holdout = (
            samples.together(session, scope, guardrail_rates.counted(metric, scope))
            for scope in (launched, held_out)
        )
        return tried, tried_by_holdout
    sample, begins = samples.with_days(session, launched, guardrail_rates.at_risk(metric, launched))
    matched = replace(held_out, since=begins or launched.since)
    holdout, _ = samples.with_days(session, matched, guardrail_rates.at_risk(metric, matched))
    return sample, holdout
