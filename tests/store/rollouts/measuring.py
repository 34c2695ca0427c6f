"""What a metric reads, for tests of who is counted and what is a hit."""

from datetime import datetime

from sqlmodel import Session

from domain.rollouts.guardrails import Metric, Sample
from store.rollouts import guardrail_rates, samples
from store.rollouts.risk import scope_of


def measure(
    session: Session,
    cohort_id: str,
    metric: Metric,
    *,
    since: datetime,
    held_out: bool,
    until: datetime | None = None,
    entered_since: datetime | None = None,
) -> Sample:
    """What happened in a window to the people who were at risk in it, whenever their risk began.

    The people are those whom a cohort has launched, or its holdout as long as it was left alone. Accounts are
    counted, each once; only `undelivered` counts messages. Nothing before a member's launch counts. A failed sign-in
    counts at once, and no longer when its owner gets in within the hour. `entered_since`: only people whose time at
    risk began then or later.
    """
    scope = scope_of(
        session, cohort_id, since=since, until=until, held_out=held_out, entered_since=entered_since
    )
    return samples.together(session, scope, guardrail_rates.counted(metric, scope))
