"""What a sign counter and the backup flags give away."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.passkeys import Assertion, Suspicion, is_overtaken, may_be_cloned, suspicion
from tests.clocks import START


@pytest.mark.parametrize(
    ("kept", "received", "suspicious"),
    [(0, 0, False), (0, 1, False), (5, 6, False), (5, 5, True), (5, 4, True), (5, 0, True)],
)
def test_a_counter_that_stands_still_or_goes_back_is_suspicious(
    kept: int, received: int, suspicious: bool
) -> None:
    assert may_be_cloned(kept_count=kept, received_count=received) is suspicious


@given(st.integers(0, 2**32 - 1), st.integers(1, 1000))
def test_a_counter_that_grows_never_is(kept: int, more: int) -> None:
    assert not may_be_cloned(kept_count=kept, received_count=kept + more)


@pytest.mark.parametrize(
    ("was_eligible", "is_eligible", "verdict"),
    [
        (True, True, None),
        (False, False, None),
        (False, True, None),
        (True, False, Suspicion.BACKUP_ELIGIBILITY_LOST),
    ],
)
def test_the_right_to_be_synced_may_be_gained_and_is_never_lost(
    was_eligible: bool, is_eligible: bool, verdict: Suspicion | None
) -> None:
    assertion = Assertion(credential_id="", sign_count=0, backup_eligible=is_eligible, backed_up=False)
    assert suspicion(kept_count=0, kept_eligible=was_eligible, assertion=assertion) is verdict


@pytest.mark.parametrize(
    ("received", "seconds", "is_late"),
    [(5, -1, True), (4, -1, True), (6, -1, False), (5, 0, False), (4, 1, False)],
)
def test_an_answer_is_overtaken_if_it_was_asked_for_before_a_newer_one_and_its_counter_is_behind(
    received: int, seconds: int, is_late: bool
) -> None:
    assertion = Assertion(credential_id="", sign_count=received, backup_eligible=True, backed_up=True)
    asked_at = START + timedelta(seconds=seconds)
    assert is_overtaken(kept_count=5, assertion=assertion, asked_at=asked_at, last_used_at=START) is is_late
    assert not is_overtaken(kept_count=5, assertion=assertion, asked_at=asked_at, last_used_at=None)
