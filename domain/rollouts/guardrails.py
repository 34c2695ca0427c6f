"""Limits on measured rates, and the verdict on a measurement. No data is never a pass."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from domain.rollouts.confidence import FALSE_FAILURES, FALSE_PASSES, Stretch, lower_bound, share, upper_bound
from domain.rollouts.holdout_comparison import Arm, excess_bounds
from domain.rollouts.slices import Dimension, Slice


class Metric(StrEnum):
    """What is measured of the people whom a cohort has reached."""

    LOCK_OUTS = "lock_outs"
    SIGN_IN_FAILURES = "sign_in_failures"
    SMS_RESTORES = "sms_restores"
    PROMPT_FAILURES = "prompt_failures"
    UNDELIVERED = "undelivered"
    OPT_OUTS = "opt_outs"
    SUPPORT_CASES = "support_cases"
    HOST_SILENCE = "host_silence"


class Verdict(StrEnum):
    """What a measurement says about a guardrail."""

    PASSED = "passed"
    FAILED = "failed"
    INCONCLUSIVE = "inconclusive"


class Reaction(StrEnum):
    """What a failed guardrail does by itself."""

    PAUSE = "pause"
    ROLLBACK = "rollback"
    NOTIFY = "notify"
    HOLD_SLICE = "hold_slice"
    """Keep the prompt from the slice that has failed, and from nobody else."""


class Against(StrEnum):
    """What a rate is compared with: a limit of its own, or the rate of the holdout plus that limit."""

    LIMIT = "limit"
    HOLDOUT = "holdout"


PROMPTED = frozenset({Metric.PROMPT_FAILURES, Metric.OPT_OUTS})
"""The metrics of people who saw the prompt: their platform is the device that showed it, not their passkey's."""

HOLDOUT_METRICS = frozenset({Metric.UNDELIVERED, Metric.SUPPORT_CASES, Metric.SIGN_IN_FAILURES})
"""The metrics that can also be measured of people who were never launched."""


@dataclass(frozen=True, kw_only=True)
class Guardrail:
    """A limit on one rate (0 to 1). A verdict needs `least_sample` people, and looks at the last `window` of time.

    `by`: it is also asked of every slice of the people by these dimensions.
    """

    metric: Metric
    limit: float
    least_sample: int
    window: timedelta
    reaction: Reaction
    against: Against = Against.LIMIT
    by: tuple[Dimension, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Sample:
    """What happened to `hits` of `size` people. `days` is how long they were at risk, where time is what counts.

    `watched` are those who were hit, or have been at risk for as long as the wave is to be watched: they alone speak
    for a pass. None: all of them.
    """

    hits: int
    size: int
    days: float | None = None
    watched: int | None = field(default=None, compare=False)

    @property
    def rate(self) -> float | None:
        """The measured rate; None without anybody to measure."""
        return self.hits / self.size if self.size else None


@dataclass(frozen=True, kw_only=True)
class FailedSlice:
    """A slice of a guardrail's people that has failed by itself; `low` is the lower bound of its rate."""

    slice: Slice
    sample: Sample
    low: float


@dataclass(frozen=True, kw_only=True)
class Assessment:
    """One guardrail's verdict, and the numbers it rests on; `low` and `high` bound the rate, at every look.

    `entered_since`: an earlier suspicion has ended, and the sample has only people whose time at risk began then or
    later. `is_suspected`: the guardrail rolls back, and has failed in a first look. `second` is the sample of the
    second look, `second_verdict` what it says; None before there is one. `slices` are those that have failed, whatever
    the rate of all says. `still_held_out` is how many people of the holdout are left to compare with; None where
    nothing is compared. `more_to_decide`: both bounds are above the limit, and so many people more make that a
    failure, if they stay there; 0 where that is not so.
    """

    guardrail: Guardrail
    sample: Sample
    holdout: Sample | None
    low: float
    high: float
    verdict: Verdict
    entered_since: datetime | None = None
    is_suspected: bool = False
    second: Sample | None = None
    second_verdict: Verdict | None = None
    slices: tuple[FailedSlice, ...] = ()
    still_held_out: int | None = None
    more_to_decide: int = 0

    @property
    def measured(self) -> float | None:
        """What is compared with the limit: the rate, or its excess over the holdout's; None without data."""
        if self.guardrail.against is Against.LIMIT or self.holdout is None:
            return self.sample.rate
        launched, holdout = (_arm(self.guardrail, each) for each in (self.sample, self.holdout))
        if not launched.time or not holdout.time:
            return None
        return launched.events / launched.time - holdout.events / holdout.time

    @property
    def failed_waves(self) -> tuple[int, ...]:
        """The waves, from 0, that have failed alone; empty if other people have failed, too."""
        is_pooled = self.low > self.guardrail.limit
        if is_pooled or any(failed.slice.by is not Dimension.WAVE for failed in self.slices):
            return ()
        return tuple(sorted(int(failed.slice.value) - 1 for failed in self.slices))

    @property
    def failure(self) -> str:
        """The failure's name in journals and letters: the metric, and which slices have failed, if not all people."""
        if not self.slices:
            return self.guardrail.metric
        return f"{self.guardrail.metric} for {', '.join(str(failed.slice) for failed in self.slices)}"


def assess(
    guardrail: Guardrail, sample: Sample, holdout: Sample | None = None, *, over: Stretch | None = None
) -> Assessment:
    """Judge one measurement; too few people is inconclusive, and never a pass.

    `over` is the stretch of time that was measured, by default the first: the later it began, the less error is left.
    """
    low, high = _bounds(guardrail, sample, holdout, over)
    missing, is_above = _missing(guardrail, sample, holdout), low > guardrail.limit
    verdict = Verdict.INCONCLUSIVE
    if not missing:
        if is_above:
            verdict = Verdict.FAILED
        elif high <= guardrail.limit:
            verdict = Verdict.PASSED
    return Assessment(
        guardrail=guardrail,
        sample=sample,
        holdout=holdout,
        low=low,
        high=high,
        verdict=verdict,
        more_to_decide=missing if is_above else 0,
    )


def overall(assessments: tuple[Assessment, ...]) -> Verdict:
    """One verdict for a wave: a failure counts most, then doubt. Without guardrails there is nothing to fail."""
    verdicts = {assessment.verdict for assessment in assessments}
    for verdict in (Verdict.FAILED, Verdict.INCONCLUSIVE):
        if verdict in verdicts:
            return verdict
    return Verdict.PASSED


def _missing(guardrail: Guardrail, sample: Sample, holdout: Sample | None) -> int:
    """How many people, launched or held out, a verdict lacks."""
    missing = max(max(guardrail.least_sample, 1) - sample.size, 0)
    if guardrail.against is Against.LIMIT:
        return missing
    return max(missing, guardrail.least_sample - (holdout.size if holdout else 0))


def _bounds(
    guardrail: Guardrail, sample: Sample, holdout: Sample | None, over: Stretch | None
) -> tuple[float, float]:
    """The bounds of the rate, or of its excess over the holdout's."""
    left, watched = (share(over.number), over.watched) if over else (share(0), 1.0)
    if guardrail.against is Against.HOLDOUT and holdout is not None:
        return excess_bounds(_arm(guardrail, sample), _arm(guardrail, holdout), left=left)
    return (
        lower_bound(hits=sample.hits, size=sample.size, error=FALSE_FAILURES * left),
        # Whoever was watched for three quarters of a window counts as three quarters of a person who was spared.
        upper_bound(hits=sample.hits, size=_spared(sample) * watched, error=FALSE_PASSES * left),
    )


def _spared(sample: Sample) -> int:
    """The people who speak for a pass: trouble has had its time to show, or has shown."""
    return sample.size if sample.watched is None else sample.watched


def _arm(guardrail: Guardrail, sample: Sample) -> Arm:
    """Time at risk is counted in windows: a limit is how many more are hit of so many people in one window's time.

    Where time is not what counts, each message is tried once.
    """
    if sample.days is None:
        return Arm(events=sample.hits, time=sample.size)
    return Arm(events=sample.hits, time=timedelta(days=sample.days) / guardrail.window)
