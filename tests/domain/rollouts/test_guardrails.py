"""A guardrail passes on evidence only: no data, or too few people, is inconclusive."""

from dataclasses import replace
from datetime import timedelta
from math import nextafter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.rollouts.confidence import Stretch
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
)
from domain.rollouts.holdout_comparison import Arm, excess_bounds
from tests.clocks import START
from tests.domain.rollouts.cohort_lives import wilson_interval

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


def test_a_limit_is_kept_by_whoever_reaches_it_and_goes_no_further() -> None:
    measured = share(20, 1000)
    bounds = assess(GUARDRAIL, measured)
    assert verdict(replace(GUARDRAIL, limit=bounds.high), measured) is Verdict.PASSED
    assert verdict(replace(GUARDRAIL, limit=nextafter(bounds.high, 0)), measured) is Verdict.INCONCLUSIVE
    assert verdict(replace(GUARDRAIL, limit=bounds.low), measured) is Verdict.INCONCLUSIVE
    assert verdict(replace(GUARDRAIL, limit=nextafter(bounds.low, 0)), measured) is Verdict.FAILED


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


@given(st.integers(50, 500), st.integers(0, 4), st.sampled_from([0.0, 0.001, 0.005, 0.02]))
def test_a_handful_of_hits_never_fails_however_low_the_limit(size: int, hits: int, limit: float) -> None:
    assert verdict(replace(GUARDRAIL, limit=limit), share(hits, size)) is not Verdict.FAILED


def test_a_disaster_fails_at_once_however_few_people_there_are_for_a_low_limit() -> None:
    assert verdict(replace(GUARDRAIL, limit=0.005), share(30, 50)) is Verdict.FAILED


@given(samples(), st.integers(0, 100))
def test_a_later_beginning_never_decides_what_the_first_one_leaves_open(sample: Sample, number: int) -> None:
    later = assess(GUARDRAIL, sample, over=Stretch(since=START, number=number, watched=0.8)).verdict
    assert later in (verdict(GUARDRAIL, sample), Verdict.INCONCLUSIVE)


@given(samples(least=50))
def test_more_hits_never_turn_a_failure_into_a_pass(sample: Sample) -> None:
    order = [Verdict.PASSED, Verdict.INCONCLUSIVE, Verdict.FAILED]
    more = replace(sample, hits=min(sample.hits + 1, sample.size))
    assert order.index(verdict(GUARDRAIL, more)) >= order.index(verdict(GUARDRAIL, sample))


def test_the_excess_over_the_holdout_is_bounded_by_messages_or_by_windows_at_risk() -> None:
    by_messages = assess(AGAINST_HOLDOUT, share(56, 70), share(48, 80))
    assert (by_messages.low, by_messages.high) == excess_bounds(
        Arm(events=56, time=70), Arm(events=48, time=80), left=0.5
    )
    days = AGAINST_HOLDOUT.window / timedelta(days=1)
    by_time = assess(
        AGAINST_HOLDOUT,
        Sample(hits=56, size=400, days=70 * days),
        Sample(hits=48, size=900, days=80 * days),
    )
    assert (by_time.low, by_time.high) == pytest.approx((by_messages.low, by_messages.high))
    assert by_time.measured == pytest.approx(0.2)


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


def test_those_who_are_missing_decide_and_nobody_before() -> None:
    above = assess(GUARDRAIL, Sample(hits=GUARDRAIL.least_sample - 3, size=GUARDRAIL.least_sample - 2))
    assert (above.verdict, above.more_to_decide) == (Verdict.INCONCLUSIVE, 2)
    enough = assess(GUARDRAIL, Sample(hits=GUARDRAIL.least_sample - 3, size=GUARDRAIL.least_sample))
    assert (enough.verdict, enough.more_to_decide) == (Verdict.FAILED, 0)
    below = assess(GUARDRAIL, Sample(hits=0, size=GUARDRAIL.least_sample - 2))
    assert (below.verdict, below.more_to_decide) == (Verdict.INCONCLUSIVE, 0)


def test_a_failure_counts_most_then_doubt() -> None:
    assert overall(judged(Verdict.PASSED, Verdict.INCONCLUSIVE, Verdict.FAILED)) is Verdict.FAILED
    assert overall(judged(Verdict.PASSED, Verdict.INCONCLUSIVE)) is Verdict.INCONCLUSIVE
    assert overall(judged(Verdict.PASSED, Verdict.PASSED)) is Verdict.PASSED


def test_without_guardrails_nothing_can_fail() -> None:
    assert overall(()) is Verdict.PASSED


@pytest.mark.parametrize(("size", "is_enough"), [(49, False), (50, True)])
def test_a_sample_and_a_holdout_are_enough_from_the_least_sample_on(size: int, *, is_enough: bool) -> None:
    nobody, everybody = Sample(hits=0, size=1000), Sample(hits=1000, size=1000)
    small = Sample(hits=0, size=size)
    decided = Verdict.FAILED if is_enough else Verdict.INCONCLUSIVE
    assert assess(AGAINST_HOLDOUT, everybody, small).verdict is decided
    assert assess(AGAINST_HOLDOUT, replace(small, hits=size), nobody).verdict is decided
    assert assess(GUARDRAIL, replace(small, hits=size)).verdict is decided
