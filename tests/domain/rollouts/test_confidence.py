"""Bounds hold at every look: the error is spent once, over a cohort's whole life, and never more than that."""

from collections.abc import Callable
from datetime import timedelta
from math import comb, exp, inf, isclose, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.rollouts import confidence
from domain.rollouts.confidence import (
    FALSE_FAILURES,
    FALSE_PASSES,
    evidence_above,
    evidence_below,
    least_without_hits,
    lower_bound,
    share,
    stretch,
    upper_bound,
)
from tests.clocks import START

WEEK = timedelta(days=7)
ERRORS = st.floats(1e-6, 0.2)


@st.composite
def counts(draw: st.DrawFn) -> tuple[int, int]:
    size = draw(st.integers(1, 50_000))
    return draw(st.integers(0, size)), size


@pytest.mark.parametrize(
    ("hits", "size", "low", "high"),
    [
        (0, 10, 0.0, 0.3959),
        (4, 50, 0.0, 0.3129),
        (5, 50, 0.0051, 0.3361),
        (30, 500, 0.0362, 0.1029),
        (3000, 100_000, 0.0278, 0.0322),
        (10, 10, 0.4522, 1.0),
    ],
)
def test_bounds_are_where_the_evidence_reaches_one_over_the_error(
    hits: int, size: int, low: float, high: float
) -> None:
    bounds = lower_bound(hits=hits, size=size, error=0.05), upper_bound(hits=hits, size=size, error=0.0125)
    assert bounds == pytest.approx((low, high), abs=5e-5)
    if low:
        assert evidence_above(bounds[0], hits=hits, size=size) == pytest.approx(log(20), abs=1e-6)
    if high < 1:
        assert evidence_below(bounds[1], hits=hits, size=size) == pytest.approx(log(80), abs=1e-6)


@given(counts(), ERRORS)
def test_bounds_hold_the_rate_between_them_and_stay_within_0_and_1(
    count: tuple[int, int], error: float
) -> None:
    hits, size = count
    low, high = lower_bound(hits=hits, size=size, error=error), upper_bound(hits=hits, size=size, error=error)
    assert 0 <= low <= hits / size <= high <= 1


def test_without_data_anything_is_possible() -> None:
    assert lower_bound(hits=0, size=0, error=0.1) == 0
    assert upper_bound(hits=0, size=0, error=0.1) == 1


@given(counts(), ERRORS)
def test_one_hit_more_never_lowers_a_bound(count: tuple[int, int], error: float) -> None:
    hits, size = count
    more = min(hits + 1, size)
    for bound in (lower_bound, upper_bound):
        assert bound(hits=more, size=size, error=error) >= bound(hits=hits, size=size, error=error)


@given(counts(), ERRORS)
def test_a_smaller_error_never_narrows_the_bounds(count: tuple[int, int], error: float) -> None:
    hits, size = count
    stricter = error / 3
    assert lower_bound(hits=hits, size=size, error=stricter) <= lower_bound(hits=hits, size=size, error=error)
    assert upper_bound(hits=hits, size=size, error=stricter) >= upper_bound(hits=hits, size=size, error=error)


@pytest.mark.parametrize("evidence", [evidence_above, evidence_below])
@pytest.mark.parametrize("rate", [0.001, 0.02, 0.5])
@pytest.mark.parametrize("size", [1, 7, 60])
def test_evidence_against_the_true_rate_is_not_expected_to_grow(
    evidence: Callable[..., float], rate: float, size: int
) -> None:
    """Ville's inequality asks for exactly this: the stake is fair, or worse than fair, against what is true."""
    expected = sum(
        comb(size, hits)
        * rate**hits
        * (1 - rate) ** (size - hits)
        * exp(evidence(rate, hits=hits, size=size))
        for hits in range(size + 1)
    )
    assert expected <= 1 + 1e-9
    assert expected > 0.99


@given(counts(), st.floats(0.0001, 0.99))
def test_less_than_five_hits_are_never_above_a_limit(count: tuple[int, int], limit: float) -> None:
    size = count[1]
    assert lower_bound(hits=min(4, size), size=size, error=FALSE_FAILURES * share(0)) == 0
    assert lower_bound(hits=5, size=max(size, 5), error=FALSE_FAILURES * share(0)) > 0


@given(st.integers(0, 5000))
def test_all_beginnings_together_never_spend_more_than_the_error(beginnings: int) -> None:
    spent = sum(share(number) for number in range(beginnings))
    assert 0 <= spent < 1
    assert isclose(spent, 1 - 1 / (beginnings + 1))


def test_a_rate_of_three_quarters_of_the_limit_fails_in_less_than_one_percent_by_the_theory() -> None:
    decay = 1.7
    for factor, _ in confidence._ABOVE:
        assert 0.75 * (factor**decay - 1) <= decay * (factor - 1) + 1e-9, "still a supermartingale"
    assert sum((FALSE_FAILURES * share(number)) ** decay for number in range(100_000)) < 0.008


@given(st.integers(0, 400 * 96), st.integers(1, 60 * 24))
def test_a_stretch_is_the_last_window_or_a_little_less(looks: int, hours: int) -> None:
    window, now = timedelta(hours=hours), START + looks * timedelta(minutes=15)
    back = stretch(window, begun_at=START, now=now)
    if now - START <= window:
        assert (back.since, back.number, back.watched) == (START, 0, 1)
    else:
        assert 0.75 * window <= now - back.since <= window
        assert back.watched == (now - back.since) / window
    assert back.since == START + back.number * window / 4


def test_a_month_of_looks_has_few_beginnings() -> None:
    numbers = {
        stretch(WEEK, begun_at=START, now=START + look * timedelta(minutes=15)).number for look in range(2881)
    }
    assert numbers == set(range(15))


@pytest.mark.parametrize("limit", [0.001, 0.01, 0.05, 0.5, 0.9])
def test_the_least_without_hits_is_where_the_bound_meets_the_rate(limit: float) -> None:
    error = FALSE_PASSES * share(0)
    least = int(least_without_hits(limit, error=error))
    assert upper_bound(hits=0, size=least, error=error) <= limit
    assert upper_bound(hits=0, size=least - 1, error=error) > limit


def test_a_rate_of_0_takes_endless_people_and_a_rate_of_1_none_to_speak_of() -> None:
    assert least_without_hits(0, error=0.01) == inf
    assert least_without_hits(1, error=0.01) == 1
