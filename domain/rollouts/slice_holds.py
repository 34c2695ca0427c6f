"""When the prompt is kept from a slice of a cohort's people, and when that ends. Whoever asks is kept from nothing."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.rollouts.guardrails import Assessment, FailedSlice, Guardrail, Metric, Reaction
from domain.rollouts.slices import Slice

GUARDRAILS = "guardrails"
"""Who has ended a hold that no operator has lifted."""


@dataclass(frozen=True, kw_only=True)
class SliceHold:
    """The prompt is not shown to these people since then; `ended_by` is who lifted it, or `GUARDRAILS`."""

    hold_id: str
    slice: Slice
    metric: Metric
    since: datetime
    ended_at: datetime | None = None
    ended_by: str = ""

    @property
    def is_open(self) -> bool:
        """Whether the prompt is still kept from them."""
        return self.ended_at is None

    def is_lifted_lately(self, now: datetime, window: timedelta) -> bool:
        """Whether an operator has lifted it within a window: what led to it is in the window still."""
        is_lifted = self.ended_at is not None and self.ended_by != GUARDRAILS
        return is_lifted and self.ended_at is not None and now < self.ended_at + window


def holding(assessments: Sequence[Assessment]) -> Iterator[Assessment]:
    """The assessments of guardrails that hold slices."""
    yield from (each for each in assessments if each.guardrail.reaction is Reaction.HOLD_SLICE)


def to_begin(
    assessments: Sequence[Assessment], holds: Collection[SliceHold], *, now: datetime
) -> list[tuple[Guardrail, FailedSlice]]:
    """The slices that have failed and are not held yet, unless an operator has lifted the same hold lately.

    A slice that fails by one metric over two windows is held once.
    """
    beginning = {
        (failed.slice, assessment.guardrail.metric): (assessment.guardrail, failed)
        for assessment in holding(assessments)
        for failed in assessment.slices
        if not any(
            hold.slice == failed.slice
            and hold.metric is assessment.guardrail.metric
            and (hold.is_open or hold.is_lifted_lately(now, assessment.guardrail.window))
            for hold in holds
        )
    }
    return list(beginning.values())


def to_end(
    assessments: Sequence[Assessment], holds: Collection[SliceHold], *, now: datetime
) -> list[SliceHold]:
    """The holds that are over: their slice has not failed, and whatever it failed by has left the window.

    Too few people never end a hold earlier. The prompt then comes back, and is judged anew. A hold whose guardrail is
    gone ends, too.
    """
    return [hold for hold in holds if hold.is_open and _is_over(assessments, hold, now=now)]


def _is_over(assessments: Sequence[Assessment], hold: SliceHold, *, now: datetime) -> bool:
    of_metric = [each for each in holding(assessments) if each.guardrail.metric is hold.metric]
    return all(
        now >= hold.since + each.guardrail.window
        and all(failed.slice != hold.slice for failed in each.slices)
        for each in of_metric
    )
