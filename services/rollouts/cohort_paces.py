"""The paces of a cohort, from the numbers that are kept of each assessment: no account is read."""

from datetime import datetime

from domain.rollouts.paces import CohortPace, StepCount, measured_from, pace
from store import Session
from store.rollouts import cohorts, tallies
from store.rollouts.tallies import Tally

PACED = ("passkey_enrolled", "passkey_proven", "suspended")
"""The steps of which the pace is told."""


def draw(session: Session, cohort_id: str, *, now: datetime) -> tuple[CohortPace, ...]:
    """The pace of each step; none before the cohort was assessed and somebody was launched. Raises Unknown."""
    launched_at = cohorts.get(session, cohort_id).launched_at
    last = tallies.latest(session, cohort_id)
    since = measured_from(launched_at, now=now)
    earliest = tallies.first_since(session, cohort_id, since)
    if last is None or earliest is None or not last.reached.launched:
        return ()
    return tuple(_pace(step, earliest, last) for step in PACED)


def _pace(step: str, earliest: Tally, last: Tally) -> CohortPace:
    first, newest = (StepCount(at=each.at, people=getattr(each.reached, step)) for each in (earliest, last))
    return pace(step, first=first, last=newest, launched=last.reached.launched)
