"""What takes two takes two, and a rescue pass opens something once, for a short time, or never."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.staff.approvals import (
    RESCUE_DELAY,
    RESCUE_LIFETIME,
    SHOWN_WITHIN,
    ApprovalRefused,
    Hand,
    PassState,
    pass_state,
    require_second,
)
from tests.clocks import START
from tests.domain.strategies import instants, some

FEW = st.sampled_from(["a", "b", "c"])
HANDS = st.builds(Hand, staff_id=FEW, session_id=FEW, passkey_id=some(FEW))
SECOND = timedelta(seconds=1)


def accepts(asking: Hand, deciding: Hand) -> bool:
    try:
        require_second(asking, deciding)
    except ApprovalRefused:
        return False
    return True


@given(HANDS, HANDS)
def test_nobody_approves_their_own_nor_by_the_same_session_or_passkey(asking: Hand, deciding: Hand) -> None:
    shares_passkey = asking.passkey_id is not None and asking.passkey_id == deciding.passkey_id
    shares = (
        asking.staff_id == deciding.staff_id or asking.session_id == deciding.session_id or shares_passkey
    )
    assert accepts(asking, deciding) is not shares


@given(HANDS, HANDS)
def test_who_may_not_approve_for_another_is_not_approved_for_by_them(hand: Hand, other: Hand) -> None:
    assert accepts(hand, other) is accepts(other, hand)


@given(HANDS)
def test_no_hand_is_a_second_one_to_itself(hand: Hand) -> None:
    assert not accepts(hand, hand)


def test_members_whom_a_provider_vouches_for_need_no_passkeys_to_be_two() -> None:
    assert accepts(
        Hand(staff_id="a", session_id="a", passkey_id=None),
        Hand(staff_id="b", session_id="b", passkey_id=None),
    )


def state_at(after: timedelta, **changes: object) -> PassState:
    opens_at = START + RESCUE_DELAY
    moments = {
        "opens_at": opens_at,
        "expires_at": opens_at + SHOWN_WITHIN,
        "shown_at": None,
        "used_at": None,
        "is_stopped": False,
    }
    return pass_state(now=START + after, **(moments | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("after", "state"),
    [
        (timedelta(), PassState.WAITING),
        (RESCUE_DELAY - SECOND, PassState.WAITING),
        (RESCUE_DELAY, PassState.READY),
        (RESCUE_DELAY + SHOWN_WITHIN - SECOND, PassState.READY),
        (RESCUE_DELAY + SHOWN_WITHIN, PassState.LAPSED),
    ],
)
def test_a_pass_waits_can_be_shown_and_lapses(after: timedelta, state: PassState) -> None:
    assert state_at(after) is state


def test_a_code_works_for_ten_minutes_from_when_it_is_shown() -> None:
    shown_at = START + RESCUE_DELAY
    shown = {"shown_at": shown_at, "expires_at": shown_at + RESCUE_LIFETIME}
    assert timedelta(minutes=10) == RESCUE_LIFETIME
    assert state_at(RESCUE_DELAY, **shown) is PassState.SHOWN
    assert state_at(RESCUE_DELAY + RESCUE_LIFETIME - SECOND, **shown) is PassState.SHOWN
    assert state_at(RESCUE_DELAY + RESCUE_LIFETIME, **shown) is PassState.LAPSED


@given(opens_at=instants, expires_at=instants, shown_at=some(instants), now=instants)
def test_what_was_stopped_or_used_never_opens_again(
    opens_at: object, expires_at: object, shown_at: object, now: object
) -> None:
    moments = {"opens_at": opens_at, "expires_at": expires_at, "shown_at": shown_at, "now": now}
    stopped = pass_state(**moments, used_at=None, is_stopped=True)  # type: ignore[arg-type]
    used = pass_state(**moments, used_at=START, is_stopped=True)  # type: ignore[arg-type]
    assert (stopped, used) == (PassState.STOPPED, PassState.USED)
    assert stopped.is_over
    assert used.is_over


def test_what_may_still_open_something_is_not_over() -> None:
    going_on = {PassState.WAITING, PassState.READY, PassState.SHOWN}
    assert {state for state in PassState if not state.is_over} == going_on
