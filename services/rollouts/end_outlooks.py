"""Says what a cohort's end date would come to if it struck on a day."""

from datetime import datetime

from domain.rollouts.end_outlooks import EndOutlook, outlook
from store import Session
from store.rollouts import cohorts, end_outlooks


def draw(session: Session, cohort_id: str, *, on: datetime | None, now: datetime) -> EndOutlook:
    """The outlook for a day; without one, for the end date, and for now where none is named. Raises Unknown."""
    row = cohorts.get(session, cohort_id)
    end = cohorts.description(row).policy.end
    day = on or (end.at if end else now)
    groups = end_outlooks.count(session, cohort_id, on=day, now=now)
    return outlook(groups, on=day, launched_at=row.launched_at, now=now)
