"""How fast the launched people of a cohort come to a step, and when that gets the last of them there."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from domain.rollouts.end_outlooks import PACE_OVER

LEAST_COME = 10
"""So few people say nothing about a pace."""

_LEAST_OVER = timedelta(days=1)
_FURTHEST_DAYS = 3650


@dataclass(frozen=True, kw_only=True)
class CohortPace:
    """How many people came to a step within a time, and how many of those launched are not there.

    `a_day` is None where that is too few to say. `arrives_at` is when the last is there by this pace; None if nobody
    can say, or not for ten years.
    """

    step: str
    come: int
    over: timedelta
    left: int
    a_day: float | None
    arrives_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class StepCount:
    """How many people were at a step at one look."""

    at: datetime
    people: int


def measured_from(launched_at: datetime, *, now: datetime) -> datetime:
    """From when on the pace is measured: for two weeks, or since the launch."""
    return max(launched_at, now - PACE_OVER)


def pace(step: str, *, first: StepCount, last: StepCount, launched: int) -> CohortPace:
    """The pace between two looks at the same step. People who have gone back since count against it."""
    over, come = last.at - first.at, max(last.people - first.people, 0)
    left = max(launched - last.people, 0)
    if over < _LEAST_OVER or come < LEAST_COME:
        return CohortPace(step=step, come=come, over=over, left=left, a_day=None, arrives_at=None)
    a_day = come / (over / timedelta(days=1))
    days = ceil(left / a_day)
    arrives_at = last.at + timedelta(days=days) if left and days <= _FURTHEST_DAYS else None
    return CohortPace(
        step=step, come=come, over=over, left=left, a_day=round(a_day, 1), arrives_at=arrives_at
    )
