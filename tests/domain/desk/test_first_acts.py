"""Which acts stand first on a case, for whatever is in the way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.desk.acts import Act
from domain.desk.first_acts import HELPFUL, MOST_FIRST, first_acts
from domain.desk.stuck import Obstacle

OBSTACLES = st.lists(st.sampled_from(list(Obstacle)), unique=True)
POSSIBLE = st.sets(st.sampled_from(list(Act))).map(lambda acts: acts | {Act.NOTE})


@pytest.mark.parametrize("obstacle", Obstacle)
def test_something_stands_first_whatever_is_in_the_way(obstacle: Obstacle) -> None:
    assert first_acts([obstacle], list(Act)) == HELPFUL[obstacle][:MOST_FIRST]


def test_the_weightiest_reason_comes_first_and_no_act_comes_twice() -> None:
    reasons = [Obstacle.HOST_SILENT, Obstacle.CANNOT_NOW, Obstacle.NUDGES_USED_UP]
    assert first_acts(reasons, list(Act)) == (Act.ASK_HOST_AGAIN, Act.EXTEND, Act.EXEMPT)


def test_a_note_stands_behind_every_act_that_does_more() -> None:
    assert first_acts([Obstacle.HELD, Obstacle.CANNOT_NOW], list(Act)) == (Act.EXTEND, Act.EXEMPT, Act.NOTE)


def test_where_nothing_is_in_the_way_the_usual_acts_stand_first() -> None:
    assert first_acts([], [Act.NOTE, Act.ERASE, Act.SEND_AGAIN]) == (Act.SEND_AGAIN, Act.NOTE)


@given(OBSTACLES, POSSIBLE)
def test_what_stands_first_is_possible_and_little(obstacles: list[Obstacle], possible: set[Act]) -> None:
    acts = first_acts(obstacles, possible)
    assert 1 <= len(acts) <= MOST_FIRST
    assert set(acts) <= possible


def test_who_may_do_nothing_is_shown_nothing_first() -> None:
    assert first_acts([Obstacle.CANNOT_NOW], []) == ()
