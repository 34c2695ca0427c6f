"""What a rollout waits for. The workflow waits by this one rule, and the pages that explain it read the same."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.rollouts.cohorts import Cohort
from domain.rollouts.rollout import OVER, Stage, Standing

ASSESSMENTS_PER_LAUNCH = 15
"""How long one launch activity runs, in assessments: they add events, and meanwhile the history cannot start anew."""


class Awaited(StrEnum):
    """What has to happen before a rollout goes on."""

    LAUNCHES = "launches"
    SWITCH = "switch"
    WINDOW = "window"
    NO_WINDOW = "no_window"
    BAKE = "bake"
    VERDICT = "verdict"
    SECOND_LOOK = "second_look"
    ORDER = "order"
    JOURNEYS = "journeys"
    NOTHING = "nothing"


@dataclass(frozen=True, kw_only=True)
class RolloutWait:
    """What a rollout waits for. `until` is when the window opens, or the bake ends; None for what has no moment."""

    awaited: Awaited
    until: datetime | None = None

    @property
    def is_launching(self) -> bool:
        """Whether people may be launched at this moment."""
        return self.awaited is Awaited.LAUNCHES


def wait(standing: Standing, cohort: Cohort, *, now: datetime, is_switched_off: bool = False) -> RolloutWait:
    """What a rollout waits for, by the description that holds now.

    `is_switched_off`: launches are stopped for everybody. The workflow does not ask: its launch finds out by itself,
    and waits inside its window without losing its place.
    """
    if standing.stage in OVER:
        return RolloutWait(awaited=Awaited.NOTHING)
    if standing.stage is Stage.PAUSED:
        return RolloutWait(awaited=Awaited.ORDER)
    if standing.suspected_at:
        return RolloutWait(awaited=Awaited.SECOND_LOOK)
    if standing.stage is Stage.DONE:
        return RolloutWait(awaited=Awaited.JOURNEYS)
    if standing.stage is Stage.LAUNCHING:
        return _launch(cohort, now, is_switched_off=is_switched_off)
    if standing.bakes_until and now < standing.bakes_until:
        return RolloutWait(awaited=Awaited.BAKE, until=standing.bakes_until)
    return RolloutWait(awaited=Awaited.VERDICT)


def launches_until(cohort: Cohort, *, now: datetime) -> datetime:
    """When a launch that begins now comes back at the latest: its window closes, or others want their turn."""
    in_time = now + ASSESSMENTS_PER_LAUNCH * cohort.assess_every
    return min(cohort.windows.closes_at(now) or in_time, in_time)


def _launch(cohort: Cohort, now: datetime, *, is_switched_off: bool) -> RolloutWait:
    opens_at = cohort.windows.opens_at(now)
    if opens_at is None:
        return RolloutWait(awaited=Awaited.NO_WINDOW)
    if opens_at > now:
        return RolloutWait(awaited=Awaited.WINDOW, until=opens_at)
    return RolloutWait(awaited=Awaited.SWITCH if is_switched_off else Awaited.LAUNCHES)
