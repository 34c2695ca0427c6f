"""Every throttle has a limit, and guessing stays hopeless under them."""

from datetime import timedelta

import pytest

from domain.codes import LINK_LIFETIME
from domain.throttle import LIMITS, Throttle


@pytest.mark.parametrize("throttle", Throttle)
def test_every_throttle_has_a_limit_that_lets_some_through_and_ends(throttle: Throttle) -> None:
    limit = LIMITS[throttle]
    assert limit.most > 0
    assert limit.window > timedelta()


def test_a_person_may_ask_for_another_code() -> None:
    assert LIMITS[Throttle.CODES_PER_ACCOUNT].most >= 2


def test_a_link_outlives_the_window_in_which_links_are_counted() -> None:
    assert LIMITS[Throttle.LINKS_PER_ACCOUNT].window < LINK_LIFETIME
