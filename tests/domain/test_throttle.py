"""Every throttle has a limit, and guessing stays hopeless under them."""

from datetime import timedelta

import pytest

from domain.codes import TRIES
from domain.throttle import LIMITS, Throttle


@pytest.mark.parametrize("throttle", Throttle)
def test_every_throttle_has_a_limit_that_lets_some_through_and_ends(throttle: Throttle) -> None:
    limit = LIMITS[throttle]
    assert limit.most > 0
    assert limit.window > timedelta()


def test_failed_tries_stay_far_below_one_hundred() -> None:
    assert LIMITS[Throttle.TRIES_PER_ACCOUNT].most < 100


def test_a_person_may_spend_every_try_of_a_code_and_ask_for_another() -> None:
    assert LIMITS[Throttle.TRIES_PER_ACCOUNT].most >= 2 * TRIES
    assert LIMITS[Throttle.CODES_PER_ACCOUNT].most >= 2


def test_guessing_six_digits_for_a_year_stays_unlikely() -> None:
    limit = LIMITS[Throttle.TRIES_PER_ACCOUNT]
    guesses_a_day = limit.most * (timedelta(days=1) / limit.window)
    assert guesses_a_day / 10**6 < 0.001
