"""Verdicts over a month of looks: what is well within its limit seldom fails, what is over it seldom passes."""

import pytest

from tests.domain.rollouts.cohort_lives import (
    LAST_ENTRY,
    WINDOW,
    Hit,
    best_chance_to_fail,
    chance_to_fail,
    chance_to_pass,
    ever_fails,
    ever_passes,
    fails,
    hit_at_once,
    hit_evenly,
    lives,
    passes,
)

LIMIT = 0.04


@pytest.mark.parametrize("hit", [hit_evenly, hit_at_once])
def test_three_quarters_of_the_limit_fail_in_at_most_one_of_a_hundred_months(hit: Hit) -> None:
    """The theory says under 0.8 percent, for any number of looks."""
    months = lives(hit, 0.75 * LIMIT, times=400)
    assert sum(ever_fails(life, fails(LIMIT)) for life in months) <= 4


@pytest.mark.parametrize("hit", [hit_evenly, hit_at_once])
def test_twice_the_limit_fails(hit: Hit) -> None:
    months = lives(hit, 2 * LIMIT, times=60)
    assert sum(ever_fails(life, fails(LIMIT)) for life in months) >= 57


def test_the_limit_itself_seldom_passes_when_trouble_comes_at_once() -> None:
    weeks = lives(hit_at_once, LIMIT, times=120)
    assert sum(ever_passes(life, passes(LIMIT), until=WINDOW) for life in weeks) <= 3


def test_the_limit_itself_seldom_passes_when_trouble_comes_evenly_and_the_bake_is_as_long_as_the_window() -> (
    None
):
    months = lives(hit_evenly, LIMIT, times=80)
    assert sum(ever_passes(life, passes(LIMIT), since=LAST_ENTRY + WINDOW) for life in months) <= 2


def test_a_tenth_of_the_limit_passes() -> None:
    months = lives(hit_at_once, LIMIT / 10, times=40)
    assert sum(ever_passes(life, passes(LIMIT), until=WINDOW) for life in months) >= 38


@pytest.mark.parametrize(("limit", "people"), [(0.01, 2240), (0.02, 1090), (0.042, 500), (0.1, 190)])
def test_twice_the_limit_is_found_by_95_of_100_with_some_22_people_per_limit(
    limit: float, people: int
) -> None:
    assert chance_to_fail(limit, rate=2 * limit, people=people) >= 0.95
    assert people * limit < 22.5
    assert chance_to_fail(limit, rate=0.75 * limit, people=people) < 0.003


@pytest.mark.parametrize(("people", "certainty"), [(620, 0.5), (1400, 0.95)])
def test_half_the_limit_passes_in_half_of_cases_with_30_people_per_limit_and_surely_with_70(
    people: int, certainty: float
) -> None:
    assert chance_to_pass(0.05, rate=0.025, people=people) >= certainty
    assert chance_to_pass(0.05, rate=0.05, people=people) <= 0.0125


def test_no_test_finds_twice_a_low_limit_with_500_people() -> None:
    """By Neyman & Pearson, a single look already cannot, let alone one that holds at every look."""
    best = {
        limit: best_chance_to_fail(good=0.75 * limit, bad=2 * limit, error=0.01, people=500)
        for limit in (0.01, 0.02, 0.026, 0.042)
    }
    assert best[0.01] < 0.62
    assert best[0.02] < 0.91
    assert best[0.026] > 0.95
    for limit, chance in best.items():
        assert chance_to_fail(limit, rate=2 * limit, people=500) < chance
