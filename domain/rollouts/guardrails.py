"""Limits on measured rates, and the verdict on a measurement. No data is never a pass."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from math import sqrt

CONFIDENCE_Z = 1.96
"""The normal quantile of a two-sided 95 percent interval."""


class Metric(StrEnum):
    """What is measured of the people whom a cohort has reached."""

    LOCK_OUTS = "lock_outs"
    SIGN_IN_FAILURES = "sign_in_failures"
    SMS_RESTORES = "sms_restores"
    PROMPT_FAILURES = "prompt_failures"
    UNDELIVERED = "undelivered"
    OPT_OUTS = "opt_outs"
    SUPPORT_CASES = "support_cases"


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


class Against(StrEnum):
    """What a rate is compared with: a limit of its own, or the rate of the holdout plus that limit."""

    LIMIT = "limit"
    HOLDOUT = "holdout"


HOLDOUT_METRICS = frozenset({Metric.UNDELIVERED, Metric.SUPPORT_CASES, Metric.SIGN_IN_FAILURES})
"""The metrics that can also be measured of people who were never launched."""


@dataclass(frozen=True, kw_only=True)
class Guardrail:
    """A limit on one rate (0 to 1). A verdict needs `least_sample` people, and looks at the last `window` of time."""

    metric: Metric
    limit: float
    least_sample: int
    window: timedelta
    reaction: Reaction
    against: Against = Against.LIMIT


@dataclass(frozen=True, kw_only=True)
class Sample:
    """What happened to `hits` of `size` people."""

    hits: int
    size: int

    @property
    def rate(self) -> float | None:
        """The measured rate; None without anybody to measure."""
        return self.hits / self.size if self.size else None


@dataclass(frozen=True, kw_only=True)
class Assessment:
    """One guardrail's verdict, and the numbers it rests on; `low` and `high` bound the rate."""

    guardrail: Guardrail
    sample: Sample
    holdout: Sample | None
    low: float
    high: float
    verdict: Verdict


def wilson_interval(sample: Sample, z: float = CONFIDENCE_Z) -> tuple[float, float]:
    """The range in which the true rate lies, with 95 percent confidence (Wilson 1927); 0 to 1 without data."""
    if not sample.size:
        return 0.0, 1.0
    rate, size = sample.hits / sample.size, sample.size
    scale = 1 + z * z / size
    centre = (rate + z * z / (2 * size)) / scale
    spread = z * sqrt(rate * (1 - rate) / size + z * z / (4 * size * size)) / scale
    # Exactly 0 and 1 at the ends: rounding would leave a tiny rate above 0, which a limit of 0 would not allow.
    return (
        max(centre - spread, 0.0) if sample.hits else 0.0,
        min(centre + spread, 1.0) if sample.hits < size else 1.0,
    )


def assess(guardrail: Guardrail, sample: Sample, holdout: Sample | None = None) -> Assessment:
    """Judge one measurement; too few people is inconclusive, and never a pass."""
    low, high = _bounds(guardrail, sample, holdout)
    verdict = Verdict.INCONCLUSIVE
    if _is_enough(guardrail, sample, holdout):
        if low > guardrail.limit:
            verdict = Verdict.FAILED
        elif high <= guardrail.limit:
            verdict = Verdict.PASSED
    return Assessment(
        guardrail=guardrail, sample=sample, holdout=holdout, low=low, high=high, verdict=verdict
    )


def overall(assessments: tuple[Assessment, ...]) -> Verdict:
    """One verdict for a wave: a failure counts most, then doubt. Without guardrails there is nothing to fail."""
    verdicts = {assessment.verdict for assessment in assessments}
    for verdict in (Verdict.FAILED, Verdict.INCONCLUSIVE):
        if verdict in verdicts:
            return verdict
    return Verdict.PASSED


def _is_enough(guardrail: Guardrail, sample: Sample, holdout: Sample | None) -> bool:
    if guardrail.against is Against.HOLDOUT and (holdout is None or holdout.size < guardrail.least_sample):
        return False
    return sample.size >= max(guardrail.least_sample, 1)


def _bounds(guardrail: Guardrail, sample: Sample, holdout: Sample | None) -> tuple[float, float]:
    """The bounds of the rate, or of its excess over the holdout's (Newcombe 1998, method 10)."""
    low, high = wilson_interval(sample)
    if guardrail.against is Against.LIMIT or holdout is None:
        return low, high
    holdout_low, holdout_high = wilson_interval(holdout)
    rate, holdout_rate = sample.rate or 0.0, holdout.rate or 0.0
    excess = rate - holdout_rate
    below = sqrt((rate - low) ** 2 + (holdout_high - holdout_rate) ** 2)
    above = sqrt((high - rate) ** 2 + (holdout_rate - holdout_low) ** 2)
    return excess - below, excess + above
