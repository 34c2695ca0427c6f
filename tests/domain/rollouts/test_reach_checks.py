"""A percent that comes to no bucket of its own is refused, with what would work; a launched cohort is left alone."""

from datetime import timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from domain.rollouts.buckets import reach
from domain.rollouts.cohorts import Wave
from domain.rollouts.reach_checks import reach_problems, waves_of_the_holdout
from tests.factories import make_cohort


def waves(*percents: float) -> tuple[Wave, ...]:
    return tuple(Wave(percent=percent, bake=timedelta()) for percent in percents)


@pytest.mark.parametrize("percent", [0.001, 0.005, 1e-12])
def test_a_wave_that_rounds_to_nobody_is_refused_with_the_least_that_works(percent: float) -> None:
    assert reach_problems(waves(percent, 5), 0) == [("waves[0].percent", "reaches nobody; the least is 0.01")]
    assert reach_problems(waves(0.01, 5), 0) == []


@pytest.mark.parametrize(
    ("percents", "words"),
    [
        ((0.015, 0.025), "the next step is 0.03"),
        ((5, 5.0001), "the next step is 5.01"),
        ((19.99, 19.994), "the next step is 20"),
        ((99.996, 100), "that one reaches everybody"),
    ],
)
def test_a_wave_that_rounds_to_the_wave_before_is_refused_with_the_next_that_works(
    percents: tuple[float, ...], words: str
) -> None:
    problem = f"reaches the same people as the wave before; {words}"
    assert reach_problems(waves(*percents), 0) == [("waves[1].percent", problem)]


def test_a_holdout_that_rounds_to_nobody_is_refused() -> None:
    problem = "holds nobody out; the least is 0.01, and 0 is no holdout"
    assert reach_problems(waves(5), 0.004) == [("holdout_percent", problem)]
    assert reach_problems(waves(5), 0) == reach_problems(waves(5), 0.01) == []


def test_percents_that_are_out_of_range_are_left_to_the_cohort() -> None:
    assert reach_problems(waves(float("nan"), 0, 101, -1), -1) == []


@given(st.lists(st.floats(0.0001, 100), min_size=1, max_size=5, unique=True).map(sorted))
def test_what_is_not_refused_reaches_somebody_new_with_every_wave(percents: list[float]) -> None:
    assume(not reach_problems(waves(*percents), 0))
    reached = [reach(percent) for percent in percents]
    assert [0, *reached] == sorted({0, *reached})


@given(
    st.lists(st.integers(1, 10_000), min_size=1, max_size=5, unique=True).map(sorted), st.integers(0, 5000)
)
def test_whole_hundredths_of_a_percent_are_never_refused(hundredths: list[int], held_out: int) -> None:
    assert reach_problems(waves(*(number / 100 for number in hundredths)), held_out / 100) == []


def test_waves_that_add_only_the_holdout_are_told() -> None:
    cohort = make_cohort(holdout_percent=10, waves=waves(50, 90, 95, 100))
    assert waves_of_the_holdout(cohort) == [2, 3]
    assert waves_of_the_holdout(make_cohort(holdout_percent=10, waves=waves(89.99, 100))) == []
