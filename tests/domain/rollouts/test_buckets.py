"""Nobody is ever moved: not by raising or lowering the percent, not by pausing, not by starting anew."""

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.rollouts.buckets import BUCKETS, bucket, is_held_out, is_reached, reach
from tests.domain.strategies import account_ids

numbers = st.integers(0, BUCKETS - 1)
percents = st.floats(0, 100)
holdouts = st.floats(0, 50)


@given(st.text(), account_ids)
def test_an_account_has_one_bucket_for_ever(salt: str, account_id: str) -> None:
    assert bucket(salt, account_id) == bucket(salt, account_id)
    assert 0 <= bucket(salt, account_id) < BUCKETS


def test_the_hash_is_the_one_that_members_were_written_with() -> None:
    assert [bucket("salt", f"account-{n}") for n in range(4)] == [5069, 3385, 6600, 8858]


def test_accounts_spread_evenly() -> None:
    """100 cells of 1,000 each: chi-square with 99 degrees of freedom, at one in a million on either side."""
    cells = Counter(bucket("salt", f"account-{n}") // (BUCKETS // 100) for n in range(100_000))
    chi_square = sum((count - 1000) ** 2 / 1000 for count in cells.values())
    assert len(cells) == 100
    assert 45 < chi_square < 179


def test_another_cohort_draws_anew() -> None:
    accounts = [f"account-{n}" for n in range(20_000)]
    both = sum(bucket("one", each) < 1000 and bucket("other", each) < 1000 for each in accounts)
    assert 140 < both < 260  # 200 expected, 14 the standard deviation


@given(numbers, percents, percents, holdouts)
def test_raising_the_percent_only_adds(number: int, percent: float, other: float, holdout: float) -> None:
    low, high = sorted((percent, other))
    assert not is_reached(number, low, holdout) or is_reached(number, high, holdout)


@given(numbers, st.lists(percents), holdouts)
def test_whatever_the_percent_was_in_between_the_same_people_are_reached(
    number: int, way: list[float], holdout: float
) -> None:
    """Up, down and up again: at one percent the same ones are reached each time, and never the holdout."""
    reached = {percent: is_reached(number, percent, holdout) for percent in way}
    assert all(is_reached(number, percent, holdout) is reached[percent] for percent in reversed(way))
    assert not (is_held_out(number, holdout) and any(reached.values()))


@given(percents, holdouts)
def test_a_wave_reaches_as_many_buckets_as_its_percent_but_for_the_holdout(
    percent: float, holdout: float
) -> None:
    reached = sum(is_reached(number, percent, holdout) for number in range(BUCKETS))
    kept = sum(is_held_out(number, holdout) for number in range(BUCKETS))
    assert reached == min(reach(percent), BUCKETS - kept)
    assert kept == pytest.approx(holdout * BUCKETS / 100, abs=0.5)


@given(st.lists(percents, min_size=2))
def test_waves_reach_more_in_the_order_of_their_percent(percents: list[float]) -> None:
    assert all(reach(before) <= reach(after) for before, after in pairwise(sorted(percents)))
    assert (reach(0), reach(100)) == (0, BUCKETS)
