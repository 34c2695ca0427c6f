"""A draw that differs from its plan by more than chance allows is found, and a fair draw is not."""

import random
from collections import Counter

import pytest

from domain.rollouts.buckets import BUCKETS, bucket
from domain.rollouts.sample_ratio import (
    LEAST_EXPECTED,
    MISMATCH,
    SampleRatio,
    chi_square_survival,
    sample_ratio,
)
from tests.factories import make_cohort


@pytest.mark.parametrize(
    ("distance", "degrees", "probability"),
    [
        (0.0, 1, 1.0),
        (3.841459, 1, 0.05),
        (10.82757, 1, 0.001),
        (5.991465, 2, 0.05),
        (13.81551, 2, 0.001),
        (7.814728, 3, 0.05),
        (16.26624, 3, 0.001),
        (9.487729, 4, 0.05),
        (11.07050, 5, 0.05),
        (18.30704, 10, 0.05),
        (29.58830, 10, 0.001),
    ],
)
def test_the_tail_of_chi_square_is_as_tables_have_it(
    distance: float, degrees: int, probability: float
) -> None:
    assert chi_square_survival(distance, degrees=degrees) == pytest.approx(probability, rel=1e-4)


def drawn(people: int, *, salt: str = "salt", without: range = range(0)) -> SampleRatio:
    """What is said of people who are drawn by the stable hash, some buckets of whom were lost."""
    buckets = Counter(bucket(salt, str(number)) for number in range(people))
    return sample_ratio(
        make_cohort(), {number: buckets[number] for number in buckets if number not in without}
    )


def test_each_part_is_compared_with_its_share() -> None:
    ratio = drawn(10_000)
    assert [(part.name, part.planned) for part in ratio.parts] == [
        ("wave 1", 500),
        ("wave 2", 8500),
        ("holdout", 1000),
    ]
    assert sum(part.drawn for part in ratio.parts) == 10_000


def test_a_fair_draw_is_hardly_ever_a_mismatch() -> None:
    assert not [salt for salt in range(40) if drawn(2000, salt=str(salt)).is_mismatch]


def test_a_holdout_that_has_lost_a_third_is_a_mismatch() -> None:
    assert drawn(10_000, without=range(BUCKETS - 333, BUCKETS)).is_mismatch


def test_one_person_who_is_held_out_by_mistake_is_a_mismatch() -> None:
    assert sample_ratio(make_cohort(), {0: 1, 5000: 10}, strays=1).is_mismatch


@pytest.mark.parametrize("people", [0, 1, 3])
def test_of_a_few_people_nothing_is_said(people: int) -> None:
    ratio = drawn(people)
    assert (ratio.probability, ratio.is_mismatch) == (None, False)


def test_small_parts_are_counted_with_their_neighbours() -> None:
    cohort = make_cohort(holdout_percent=0.02)
    chance = random.Random(1)
    members = Counter(chance.randrange(BUCKETS) for _ in range(500))
    probability = sample_ratio(cohort, members).probability
    assert probability is not None
    assert probability > MISMATCH


def test_the_smallest_part_is_counted_with_the_one_before_it_and_everybody_counts_once() -> None:
    ratio = sample_ratio(make_cohort(), {0: 3, 5000: 45, 9999: 12})
    planned = {"wave 1": 3, "wave 2": 51, "holdout": 6}
    assert {part.name: part.planned for part in ratio.parts} == pytest.approx(planned)
    assert {part.name: part.drawn for part in ratio.parts} == {"wave 1": 3, "wave 2": 45, "holdout": 12}
    distance = (45 - 51) ** 2 / 51 + (15 - 9) ** 2 / 9
    assert planned["wave 1"] < LEAST_EXPECTED
    assert ratio.probability == pytest.approx(chi_square_survival(distance, degrees=1))
