"""Every throttle has a limit, and guessing stays hopeless under them."""

from datetime import timedelta

import pytest

from domain.codes import LINK_LIFETIME
from domain.safety.throttle import LIMITS, Limit, SoftLimit, Throttle, Used
from store.housekeeping import KEPT_FOR
from tests.clocks import START
from tests.limits import strict


@pytest.mark.parametrize("throttle", Throttle)
def test_every_throttle_has_a_limit_that_lets_some_through_and_ends(throttle: Throttle) -> None:
    limit = LIMITS[throttle]
    assert limit.most > 0
    assert (limit.window if isinstance(limit, Limit) else limit.every) > timedelta()


@pytest.mark.parametrize("throttle", Throttle)
def test_what_counts_for_one_address_is_soft_and_what_counts_for_one_account_is_strict(
    throttle: Throttle,
) -> None:
    assert isinstance(LIMITS[throttle], SoftLimit) == throttle.endswith("_per_address")


@pytest.mark.parametrize("limit", [limit for limit in LIMITS.values() if isinstance(limit, SoftLimit)])
def test_a_soft_limit_is_whole_again_when_its_count_is_cleared_away(limit: SoftLimit) -> None:
    assert limit.most * limit.every <= KEPT_FOR


def test_a_clock_that_goes_back_gives_nothing_back() -> None:
    limit = SoftLimit(most=3, every=timedelta(minutes=1))
    used = Used(times=3, since=START)
    assert used.at(START - timedelta(hours=1), limit) == used


def test_a_person_may_ask_for_another_code() -> None:
    assert LIMITS[Throttle.CODES_PER_ACCOUNT].most >= 2


def test_a_link_outlives_the_window_in_which_links_are_counted() -> None:
    assert strict(Throttle.LINKS_PER_ACCOUNT).window < LINK_LIFETIME


@pytest.mark.parametrize(("seconds", "times"), [(0, 3), (59, 3), (60, 2), (179, 1), (180, 0), (86_400, 0)])
def test_a_soft_limit_comes_back_one_by_one_until_nothing_is_used_up(seconds: int, times: int) -> None:
    limit = SoftLimit(most=3, every=timedelta(minutes=1))
    assert Used(times=3, since=START).at(START + timedelta(seconds=seconds), limit).times == times


def test_more_than_a_limit_allows_is_soon_forgotten_when_the_limit_was_lowered() -> None:
    limit = SoftLimit(most=3, every=timedelta(minutes=1))
    assert Used(times=90, since=START).at(START + timedelta(minutes=1), limit).times == 2
