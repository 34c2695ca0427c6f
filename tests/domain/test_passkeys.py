"""What a sign counter gives away."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.passkeys import may_be_cloned


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
