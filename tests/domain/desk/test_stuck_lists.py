"""Lists of stuck people: what weighs most comes first, and a page goes on where the last one ended."""

from datetime import timedelta, timezone

import pytest

from domain.desk.stuck import Hurdle, Obstacle, weightiest_first
from domain.desk.stuck_filters import Mark
from tests.clocks import START

DAY = timedelta(days=1)


def test_the_weightiest_obstacle_comes_first_and_the_oldest_among_equals() -> None:
    hurdles = [
        Hurdle(obstacle=Obstacle.COOLING_OFF, since=START - DAY),
        Hurdle(obstacle=Obstacle.HELD, since=START),
        Hurdle(obstacle=Obstacle.OBJECTION_OPEN, since=START + DAY),
        Hurdle(obstacle=Obstacle.HELD, since=START - DAY, where="iPhone"),
    ]
    ordered = [(hurdle.obstacle, hurdle.since) for hurdle in weightiest_first(hurdles)]
    assert ordered == [
        (Obstacle.OBJECTION_OPEN, START + DAY),
        (Obstacle.HELD, START - DAY),
        (Obstacle.HELD, START),
        (Obstacle.COOLING_OFF, START - DAY),
    ]


def test_a_mark_is_read_as_it_was_written() -> None:
    mark = Mark(at=START, account_id="an account")
    assert Mark.read(str(mark)) == mark
    in_berlin = Mark(at=START.astimezone(timezone(timedelta(hours=1))), account_id="an account")
    assert Mark.read(str(in_berlin)) == mark
    assert str(in_berlin) == str(mark)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "~",
        "an account",
        f"{START.isoformat()}~",
        f"{START.isoformat()}",
        "2026-03-02T12:00:00~an account",
        "0001-01-01T00:00:00+14:00~an account",
        "yesterday~an account",
    ],
)
def test_what_is_no_mark_is_none(text: str) -> None:
    assert Mark.read(text) is None


def test_marks_are_in_the_order_of_their_list() -> None:
    first, second = Mark(at=START, account_id="b"), Mark(at=START + DAY, account_id="a")
    assert first < second
    assert Mark(at=START, account_id="a") < first
