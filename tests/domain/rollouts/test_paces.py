"""How fast a cohort's people come to a step, and when the last of them is there."""

from datetime import timedelta

import pytest

from domain.rollouts.paces import CohortPace, StepCount, measured_from, pace
from domain.words.cohort_pace_words import cohort_pace_words
from tests.clocks import START

DAY = timedelta(days=1)


def paced(before: int, now: int, *, days: float = 10, launched: int = 100) -> CohortPace:
    first = StepCount(at=START, people=before)
    last = StepCount(at=START + days * DAY, people=now)
    return pace("passkey_proven", first=first, last=last, launched=launched)


def test_the_last_is_there_when_the_pace_has_covered_what_is_left() -> None:
    told = paced(10, 40)
    assert (told.a_day, told.left, told.come) == (3.0, 60, 30)
    assert told.arrives_at == START + 10 * DAY + 20 * DAY
    assert cohort_pace_words(told) == (
        "Passkey proven: 3 people a day over the last 10 d; 60 of those launched are not there yet"
    )


@pytest.mark.parametrize(("before", "now", "days"), [(0, 9, 10), (0, 90, 0.9), (40, 10, 10)])
def test_few_people_or_little_time_say_nothing(before: int, now: int, days: float) -> None:
    told = paced(before, now, days=days)
    assert (told.a_day, told.arrives_at) == (None, None)
    assert "too few to say" in cohort_pace_words(told)


def test_ten_people_in_a_day_are_enough() -> None:
    assert paced(0, 10, days=1).a_day == 10


def test_nobody_left_and_a_pace_that_never_arrives_name_no_day() -> None:
    assert paced(0, 100).arrives_at is None
    assert "everybody who was launched is there" in cohort_pace_words(paced(0, 100))
    never = paced(0, 10, days=14, launched=1_000_000)
    assert (never.a_day, never.arrives_at) == (0.7, None)


def test_it_is_measured_over_two_weeks_or_since_the_launch() -> None:
    now = START + 20 * DAY
    assert measured_from(START, now=now) == START + 6 * DAY
    assert measured_from(START + 15 * DAY, now=now) == START + 15 * DAY
