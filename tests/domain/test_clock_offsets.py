"""A clock that is wrong is told from three seconds on, and beyond a minute nobody works by it."""

from datetime import timedelta

import pytest

from domain.clock_offsets import TOLD_FROM, WORKS_UNTIL, is_told, may_work

MOMENT = timedelta.resolution


@pytest.mark.parametrize("sign", [1, -1])
def test_a_difference_is_told_from_three_seconds_on_whichever_way(sign: int) -> None:
    assert is_told(sign * TOLD_FROM)
    assert not is_told(sign * (TOLD_FROM - MOMENT))


@pytest.mark.parametrize("sign", [1, -1])
def test_a_worker_stops_beyond_a_minute_and_begins_again_when_its_clock_is_right(sign: int) -> None:
    assert may_work(sign * WORKS_UNTIL, is_working=True)
    assert not may_work(sign * (WORKS_UNTIL + MOMENT), is_working=True)
    assert not may_work(sign * TOLD_FROM, is_working=False)
    assert may_work(sign * (TOLD_FROM - MOMENT), is_working=False)
