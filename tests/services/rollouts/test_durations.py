"""Lengths of time as people write them."""

from datetime import timedelta

import pytest

from services.rollouts.durations import parse_duration


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("3 days", timedelta(days=3)),
        ("1 day", timedelta(days=1)),
        ("2h", timedelta(hours=2)),
        ("45 min", timedelta(minutes=45)),
        ("1 h 30 min", timedelta(minutes=90)),
        ("1 week, 2 days", timedelta(days=9)),
        ("1.5 hours", timedelta(minutes=90)),
        ("20s", timedelta(seconds=20)),
        ("0 s", timedelta()),
        ("PT90M", timedelta(minutes=90)),
        ("P3D", timedelta(days=3)),
    ],
)
def test_a_length_of_time_is_understood(text: str, span: timedelta) -> None:
    assert parse_duration(text) == span


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "is not a length of time"),
        ("3", "lacks its unit"),
        ("3 m", '"m" is not a unit of time'),
        ("3 dys", '"dys" is not a unit of time'),
        ("3 ss", '"ss" is not a unit of time'),
        ("-3 days", "is not a length of time"),
        ("P-3D", "is not a length of time|is negative"),
        ("three days", "is not a length of time"),
        ("PX", "is not a length of time"),
        ("999999999 weeks", "is longer than ten years"),
        ("4000 days", "is longer than ten years"),
        ("P4000D", "is longer than ten years"),
    ],
)
def test_anything_else_is_refused_with_the_reason(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        parse_duration(text)
