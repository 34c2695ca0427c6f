"""Roles hold the least that their work needs, and everything a right allows has words."""

from datetime import timedelta

import pytest

from domain.staff.staff import (
    DEEDS,
    IDLE_LIFETIME,
    SESSION_LIFETIME,
    STEP_UP_LIFETIME,
    Right,
    Role,
    is_fresh,
    is_over,
    rights_of,
    roles_with,
    strongest,
)
from tests.clocks import START

SECOND = timedelta(seconds=1)


def test_an_admin_may_everything_and_everybody_may_at_least_what_a_viewer_may() -> None:
    assert rights_of(Role.ADMIN) == set(Right)
    assert all(rights_of(Role.VIEWER) <= rights_of(role) for role in Role)


def test_a_viewer_opens_no_case_support_runs_no_rollout_and_an_operator_reveals_nobody() -> None:
    assert Right.SEE_CASES not in rights_of(Role.VIEWER)
    assert Right.RUN_ROLLOUTS not in rights_of(Role.SUPPORT)
    assert rights_of(Role.OPERATOR).isdisjoint({Right.REVEAL_CONTACTS, Right.ACT_ON_CASES, Right.APPROVE})
    assert roles_with(Right.MANAGE_STAFF) == (Role.ADMIN,)


@pytest.mark.parametrize("right", Right)
def test_every_right_has_words_and_somebody_who_has_it(right: Right) -> None:
    assert DEEDS[right]
    assert Role.ADMIN in roles_with(right)


def test_of_several_roles_the_strongest_counts() -> None:
    assert strongest(frozenset()) is None
    assert strongest(frozenset({Role.VIEWER, Role.OPERATOR})) is Role.OPERATOR
    assert strongest(frozenset(Role)) is Role.ADMIN


def test_a_ceremony_is_fresh_for_five_minutes() -> None:
    assert not is_fresh(None, now=START)
    assert is_fresh(START, now=START + STEP_UP_LIFETIME - SECOND)
    assert not is_fresh(START, now=START + STEP_UP_LIFETIME)


def test_a_session_is_over_by_rest_or_by_length() -> None:
    late = START + SESSION_LIFETIME
    assert is_over(started_at=START, seen_at=late, now=late)
    assert is_over(started_at=START, seen_at=START, now=START + IDLE_LIFETIME)
    assert not is_over(started_at=START, seen_at=late - SECOND, now=late - SECOND)
