"""A guardrail passes on evidence only: no data, or too few people, is inconclusive."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.rollouts.guardrails import (
    Against,
    Assessment,
    Guardrail,
    Metric,
    Reaction,
    Sample,
    Verdict,
    assess,
    overall,
    wilson_interval,
)

GUARDRAIL = Guardrail(
    metric=Metric.SUPPORT_CASES,
    limit=0.05,
    least_sample=50,
    window=timedelta(days=1),
    reaction=Reaction.PAUSE,
)
AGAINST_HOLDOUT = replace(GUARDRAIL, against=Against.HOLDOUT)


@st.composite
def samples(draw: st.DrawFn, *, least: int = 0) -> Sample:
    size = draw(st.integers(least, 100_000))
    return Sample(hits=draw(st.integers(0, size)), size=size)


@st.composite
def guardrails(draw: st.DrawFn) -> Guardrail:
    return replace(
        GUARDRAIL,
        limit=draw(st.floats(0, 1)),
        least_sample=draw(st.integers(1, 500)),
        against=draw(st.sampled_from(Against)),
    )


def share(hits: int, size: int) -> Sample:
    return Sample(hits=hits, size=size)


def verdict(guardrail: Guardrail, sample: Sample, holdout: Sample | None = None) -> Verdict:
    return assess(guardrail, sample, holdout).verdict


@pytest.mark.parametrize(
    ("hits", "size", "low", "high"),
    [
        (0, 10, 0.0, 0.2775),
        (1, 10, 0.0179, 0.4042),
        (10, 100, 0.0552, 0.1744),
        (56, 70, 0.6918, 0.8770),
        (48, 80, 0.4905, 0.7004),
        (10, 10, 0.7225, 1.0),
    ],
)
def test_the_interval_is_wilsons(hits: int, size: int, low: float, high: float) -> None:
    """56 of 70 and 48 of 80 are the worked example of Newcombe (1998); the others follow from the formula."""
    assert wilson_interval(share(hits, size)) == pytest.approx((low, high), abs=5e-5)


@given(samples(least=1))
def test_the_interval_holds_the_rate_and_stays_within_0_and_1(sample: Sample) -> None:
    low, high = wilson_interval(sample)
    assert sample.rate is not None
    assert 0 <= low <= sample.rate <= high <= 1


def test_without_data_anything_is_possible() -> None:
    assert wilson_interval(share(0, 0)) == (0, 1)
    assert share(0, 0).rate is None


@given(guardrails(), st.none() | samples())
def test_no_data_is_never_a_verdict(guardrail: Guardrail, holdout: Sample | None) -> None:
    assert verdict(guardrail, share(0, 0), holdout) is Verdict.INCONCLUSIVE


@given(guardrails(), samples(), samples())
def test_too_few_people_are_inconclusive_however_bad_it_looks(
    guardrail: Guardrail, sample: Sample, holdout: Sample
) -> None:
    fewest = min(sample.size, holdout.size) if guardrail.against is Against.HOLDOUT else sample.size
    if fewest < guardrail.least_sample:
        assert verdict(guardrail, sample, holdout) is Verdict.INCONCLUSIVE


@given(guardrails(), samples())
def test_a_comparison_with_a_holdout_that_nobody_measured_is_inconclusive(
    guardrail: Guardrail, sample: Sample
) -> None:
    compared = replace(guardrail, against=Against.HOLDOUT)
    assert verdict(compared, sample) is Verdict.INCONCLUSIVE
    assert verdict(compared, sample, share(0, 0)) is Verdict.INCONCLUSIVE


@given(guardrails(), samples(), samples())
def test_a_verdict_rests_on_the_whole_interval(guardrail: Guardrail, sample: Sample, holdout: Sample) -> None:
    assessment = assess(guardrail, sample, holdout)
    if assessment.verdict is Verdict.FAILED:
        assert assessment.low > guardrail.limit
    if assessment.verdict is Verdict.PASSED:
        assert assessment.high <= guardrail.limit


@pytest.mark.parametrize(
    ("hits", "expected"), [(5, Verdict.PASSED), (50, Verdict.INCONCLUSIVE), (100, Verdict.FAILED)]
)
def test_a_rate_passes_or_fails_when_the_limit_is_clearly_out_of_its_range(
    hits: int, expected: Verdict
) -> None:
    assert verdict(GUARDRAIL, share(hits, 1000)) is expected


@given(st.integers(1, 100_000))
def test_a_limit_of_0_does_not_fail_while_nothing_happens(size: int) -> None:
    assert verdict(replace(GUARDRAIL, limit=0, least_sample=1), share(0, size)) is Verdict.INCONCLUSIVE


@given(samples(least=50))
def test_more_hits_never_turn_a_failure_into_a_pass(sample: Sample) -> None:
    order = [Verdict.PASSED, Verdict.INCONCLUSIVE, Verdict.FAILED]
    more = replace(sample, hits=min(sample.hits + 1, sample.size))
    assert order.index(verdict(GUARDRAIL, more)) >= order.index(verdict(GUARDRAIL, sample))


def test_the_excess_over_the_holdout_is_bounded_as_newcombe_does() -> None:
    """The worked example of Newcombe (1998), method 10: 56 of 70 against 48 of 80."""
    assessment = assess(AGAINST_HOLDOUT, share(56, 70), share(48, 80))
    assert (assessment.low, assessment.high) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert assessment.verdict is Verdict.FAILED


@pytest.mark.parametrize(
    ("sample", "expected"),
    [
        (share(2000, 10_000), Verdict.PASSED),
        (share(2500, 10_000), Verdict.INCONCLUSIVE),
        (share(3000, 10_000), Verdict.FAILED),
    ],
)
def test_what_the_holdout_has_too_is_nobodys_fault(sample: Sample, expected: Verdict) -> None:
    assert verdict(AGAINST_HOLDOUT, sample, share(2000, 10_000)) is expected
    assert verdict(GUARDRAIL, sample) is Verdict.FAILED


def test_a_guardrail_against_a_limit_does_not_look_at_the_holdout() -> None:
    assert verdict(GUARDRAIL, share(3000, 10_000), share(3000, 10_000)) is Verdict.FAILED


def judged(*verdicts: Verdict) -> tuple[Assessment, ...]:
    assessment = assess(GUARDRAIL, share(0, 0))
    return tuple(replace(assessment, verdict=each) for each in verdicts)


def test_a_failure_counts_most_then_doubt() -> None:
    assert overall(judged(Verdict.PASSED, Verdict.INCONCLUSIVE, Verdict.FAILED)) is Verdict.FAILED
    assert overall(judged(Verdict.PASSED, Verdict.INCONCLUSIVE)) is Verdict.INCONCLUSIVE
    assert overall(judged(Verdict.PASSED, Verdict.PASSED)) is Verdict.PASSED


def test_without_guardrails_nothing_can_fail() -> None:
    assert overall(()) is Verdict.PASSED
