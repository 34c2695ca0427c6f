"""Guessing six digits comes to an end, and nobody has to wait for ever."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.codes import TRIES
from domain.safety.guessing import (
    CEILING,
    LONGEST_CLOSURE,
    LONGEST_WAIT,
    SHORTEST_CLOSURE,
    Shut,
    is_closed,
    seems_to_have_other_way,
    shut,
    wait_after,
)
from tests.clocks import START

YEAR = timedelta(days=365)


def test_a_person_may_spend_every_try_of_a_code_and_type_another_at_once() -> None:
    assert {wait_after(failures) for failures in range(TRIES + 1)} == {timedelta()}


def test_waits_grow_from_half_a_minute_to_an_hour() -> None:
    waits = [wait_after(failures) for failures in range(TRIES + 1, CEILING)]
    assert waits[0] == timedelta(seconds=30)
    assert waits == sorted(waits)
    assert waits[-1] == LONGEST_WAIT


def test_the_hundredth_in_a_row_closes_and_each_time_for_longer() -> None:
    closures = [wait_after(CEILING * times) for times in range(1, 7)]
    assert closures[0] == SHORTEST_CLOSURE
    assert closures == sorted(closures)
    assert closures[-1] == LONGEST_CLOSURE
    assert [failures for failures in range(250) if is_closed(failures)] == [100, 200]


@given(st.integers(0, 10**9))
def test_no_wait_is_longer_than_the_longest_closure(failures: int) -> None:
    assert timedelta() <= wait_after(failures) <= LONGEST_CLOSURE


def test_a_year_of_guessing_hits_six_digits_in_less_than_one_of_two_hundred_tries() -> None:
    passed, guesses = timedelta(), 0
    while passed < YEAR:
        guesses += 1
        passed += wait_after(guesses)
    assert guesses / 10**6 < 1 / 200


@pytest.mark.parametrize("has_other_way", [True, False])
def test_before_the_ceiling_a_door_is_shut_for_a_wait_whatever_else_is_open(*, has_other_way: bool) -> None:
    until = START + wait_after(20)
    assert shut(20, START, has_other_way=has_other_way, now=START) == Shut(until=until)
    assert shut(20, START, has_other_way=has_other_way, now=until) is None


def test_a_closed_route_opens_by_another_way_in_or_where_there_is_none_by_waiting() -> None:
    later = START + SHORTEST_CLOSURE
    assert shut(CEILING, START, has_other_way=True, now=START + YEAR) == Shut(until=None)
    assert shut(CEILING, START, has_other_way=False, now=START) == Shut(until=later)
    assert shut(CEILING, START, has_other_way=False, now=later) is None


def test_unknown_contacts_seem_to_have_another_way_in_half_of_all_cases() -> None:
    answers = [seems_to_have_other_way(f"{number:02x}ab") for number in range(256)]
    assert answers.count(True) == 128
