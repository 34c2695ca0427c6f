"""A length of time is told in its one or two largest units."""

from datetime import timedelta

import pytest

from domain.words.durations import duration


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(), "0 s"),
        (timedelta(seconds=75.4), "75 s"),
        (timedelta(seconds=119), "119 s"),
        (timedelta(seconds=120), "2 min"),
        (timedelta(minutes=59, seconds=59), "59 min"),
        (timedelta(hours=1), "1 h"),
        (timedelta(hours=23, minutes=59), "23 h 59 min"),
        (timedelta(hours=23, minutes=59, seconds=59), "23 h 59 min"),
        (timedelta(days=1), "1 d"),
        (timedelta(days=3, hours=4, minutes=5), "3 d 4 h"),
        (timedelta(days=3, minutes=5), "3 d 5 min"),
    ],
)
def test_a_length_of_time_is_told_in_its_two_largest_units(span: timedelta, words: str) -> None:
    assert duration(span) == words
