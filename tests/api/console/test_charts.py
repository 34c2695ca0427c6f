"""Where numbers come to stand on a drawing."""

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.console.charts import Series, ceiling, chart, span
from tests.clocks import START

HOURS = [START + timedelta(hours=number) for number in range(5)]


def series(*counts: int, name: str = "launched") -> Series:
    return Series(name=name, label=name, counts=counts)


@pytest.mark.parametrize(
    ("count", "top"), [(0, 4), (3, 5), (5, 5), (6, 10), (99, 100), (101, 200), (240, 500), (500, 500)]
)
def test_an_axis_ends_at_a_round_number(count: int, top: int) -> None:
    assert ceiling(count) == top


@given(st.integers(min_value=0, max_value=10**9))
def test_no_count_is_over_its_axis(count: int) -> None:
    assert count <= ceiling(count) <= max(4, 10 * count)


def test_one_time_is_no_curve() -> None:
    assert chart(HOURS[:1], [series(1)]) is None
    assert chart([], [series()]) is None
    assert chart([START, START], [series(1, 2)]) is None


def test_a_count_holds_until_the_next_is_known() -> None:
    drawn = chart(HOURS[:3], [series(0, 0, 5)])
    assert drawn
    first, second, corner, last = drawn.curves[0].points.split()
    assert (first, last) == (f"{drawn.left}.0,{drawn.bottom}.0", f"{drawn.right}.0,{drawn.top}.0")
    assert second.split(",")[1] == corner.split(",")[1] == f"{drawn.bottom}.0"
    assert corner.split(",")[0] == last.split(",")[0]


@given(st.lists(st.integers(min_value=0, max_value=5000), min_size=2, max_size=5))
def test_labels_never_cover_each_other(lasts: list[int]) -> None:
    drawn = chart(HOURS[:2], [series(0, last, name=str(number)) for number, last in enumerate(lasts)])
    assert drawn
    places = sorted(curve.label_at for curve in drawn.curves)
    assert all(below - above >= 16.9 for above, below in pairwise(places))
    assert places[-1] <= drawn.bottom


def test_a_limit_stands_inside_the_drawing_and_what_is_far_beyond_is_cut_off() -> None:
    near = span(rate=0.01, low=0.0, high=0.04, limit=0.02)
    assert (near.limit, near.rate, near.low, near.is_open) == (40.0, 20.0, 0.0, False)
    far = span(rate=0.0, low=0.0, high=1.0, limit=0.02)
    assert (far.high, far.is_open) == (100.0, True)


def test_a_rate_below_the_holdouts_is_drawn_at_the_edge() -> None:
    assert span(rate=-0.02, low=-0.05, high=0.01, limit=0.05).rate == 0.0
