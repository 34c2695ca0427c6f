"""Which slices of a guardrail's people have failed, although there are many slices to find a failure in."""

from collections.abc import Mapping
from dataclasses import replace

from domain.rollouts.confidence import FALSE_FAILURES, lower_bound, share
from domain.rollouts.guardrails import Assessment, FailedSlice, Guardrail, Reaction, Sample, Verdict
from domain.rollouts.slices import Dimension, Slice

SLICES_SHARE = 0.25
"""All slices together may fail falsely a quarter as often as the pooled rate; both together stay under 1 percent."""


def failed_slices(
    guardrail: Guardrail,
    samples: Mapping[Dimension, Mapping[str, Sample]],
    *,
    counts: Mapping[Dimension, int],
    beginning: int = 0,
) -> tuple[FailedSlice, ...]:
    """The slices that are over the limit at this look, by the names of each dimension's slices.

    `counts` says how many slices each dimension can have: they share the error equally (Bonferroni), those too that
    nobody is in yet, so that the error holds at every look. `beginning` is the number of the stretch of time. A slice
    with too few people does not fail, and none ever passes or holds a wave.
    """
    error = FALSE_FAILURES * SLICES_SHARE * share(beginning) / max(len(guardrail.by), 1)
    return tuple(
        FailedSlice(slice=Slice(by=dimension, value=value), sample=sample, low=low)
        for dimension in guardrail.by
        for value, sample in samples.get(dimension, {}).items()
        if sample.size >= guardrail.least_sample
        for low in [lower_bound(hits=sample.hits, size=sample.size, error=error / max(counts[dimension], 1))]
        if low > guardrail.limit
    )


def with_slices(assessment: Assessment, failures: tuple[FailedSlice, ...]) -> Assessment:
    """The assessment of a guardrail, which fails when one of its slices does, unless the slice alone is held."""
    if not failures:
        return assessment
    if assessment.guardrail.reaction is Reaction.HOLD_SLICE:
        return replace(assessment, slices=failures)
    return replace(assessment, slices=failures, verdict=Verdict.FAILED)
