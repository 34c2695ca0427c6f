"""Twice the hazard never passes, the same hazard never fails, however unequal the times at risk and many the looks."""

import random
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.rollouts.holdout_comparison import (
    FALSE_FAILURES,
    FALSE_PASSES,
    Arm,
    excess_bounds,
    is_over,
    is_under,
)

LOOKS = 40
COHORTS = 60
DAYS = 14


def counted(chance: random.Random, mean: float) -> int:
    """A Poisson number, for a mean that is not large: how many exponential waits fit in."""
    events, waited = 0, chance.expovariate(1)
    while waited < mean:
        events, waited = events + 1, waited + chance.expovariate(1)
    return events


def lives(
    *, hazard: float, of_holdout: float, people: int, held_out: int, ramp: float
) -> Iterator[Iterator[tuple[Arm, Arm]]]:
    """Cohorts whose people come at risk evenly over part of two weeks; the holdout was there from the beginning."""
    for seed in range(COHORTS):
        yield _life(random.Random(seed), hazard, of_holdout, people, held_out, ramp)


def _life(
    chance: random.Random, hazard: float, of_holdout: float, people: int, held_out: int, ramp: float
) -> Iterator[tuple[Arm, Arm]]:
    launched, holdout = Arm(events=0, time=0), Arm(events=0, time=0)
    for look in range(LOOKS):
        weeks = DAYS / LOOKS / 7
        at_risk = people * min((look + 0.5) / LOOKS / ramp, 1.0) * weeks
        launched = _later(launched, at_risk, hazard, chance)
        holdout = _later(holdout, held_out * weeks, of_holdout, chance)
        yield launched, holdout


def _later(arm: Arm, time: float, hazard: float, chance: random.Random) -> Arm:
    return Arm(events=arm.events + counted(chance, hazard * time), time=arm.time + time)


UNEQUAL = [(1000, 100, 0.2), (200, 1000, 1.0), (500, 500, 0.5)]


@pytest.mark.parametrize(("people", "held_out", "ramp"), UNEQUAL)
def test_twice_the_hazard_does_not_pass(people: int, held_out: int, ramp: float) -> None:
    """The excess is 4 % a week, the limit just under it."""
    crowd = lives(hazard=0.08, of_holdout=0.04, people=people, held_out=held_out, ramp=ramp)
    passed = sum(any(is_under(*arms, 0.039, error=FALSE_PASSES) for arms in life) for life in crowd)
    assert passed <= max(FALSE_PASSES * COHORTS, 1)


@pytest.mark.parametrize("limit", [0.0, 0.01])
@pytest.mark.parametrize(("people", "held_out", "ramp"), UNEQUAL)
def test_the_same_hazard_does_not_fail(people: int, held_out: int, ramp: float, limit: float) -> None:
    crowd = lives(hazard=0.05, of_holdout=0.05, people=people, held_out=held_out, ramp=ramp)
    failed = sum(any(is_over(*arms, limit, error=FALSE_FAILURES) for arms in life) for life in crowd)
    assert failed <= max(FALSE_FAILURES * COHORTS, 0)


def test_a_hazard_far_over_the_limit_is_found_and_none_at_all_passes() -> None:
    risky = lives(hazard=0.15, of_holdout=0.03, people=1000, held_out=500, ramp=0.5)
    assert all(any(is_over(*arms, 0.02, error=FALSE_FAILURES) for arms in life) for life in risky)
    harmless = lives(hazard=0.01, of_holdout=0.01, people=2000, held_out=1000, ramp=0.5)
    assert all(any(is_under(*arms, 0.03, error=FALSE_PASSES) for arms in life) for life in harmless)


def test_people_at_risk_for_half_of_the_time_are_not_taken_for_half_as_risky() -> None:
    """By people both have 4 %; by time, launched people have twice the holdout's rate."""
    low, high = excess_bounds(Arm(events=400, time=5_000), Arm(events=400, time=10_000))
    assert 0 < low < 0.04 < high


@given(
    events=st.integers(0, 300),
    of_holdout=st.integers(0, 300),
    time=st.floats(0.1, 1e5),
    time_held_out=st.floats(0.1, 1e5),
)
def test_the_bounds_hold_the_measured_excess(
    events: int, of_holdout: int, time: float, time_held_out: float
) -> None:
    launched, holdout = Arm(events=events, time=time), Arm(events=of_holdout, time=time_held_out)
    low, high = excess_bounds(launched, holdout)
    excess = events / time - of_holdout / time_held_out
    assert low <= excess + 1e-9
    assert high >= excess - 1e-9


@given(events=st.integers(0, 100), more=st.integers(1, 50))
def test_more_events_never_make_a_cohort_look_better(events: int, more: int) -> None:
    holdout = Arm(events=20, time=500)
    few, many = (excess_bounds(Arm(events=hits, time=400), holdout)[0] for hits in (events, events + more))
    assert few <= many + 1e-6


def test_without_time_at_risk_nothing_is_known() -> None:
    assert excess_bounds(Arm(events=0, time=0), Arm(events=3, time=10)) == (-1, 1)
