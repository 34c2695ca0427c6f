"""Who had enough of today waits until the oldest message is a day old; what is gathered waits longer each time."""

from datetime import timedelta
from itertools import product

import pytest

from domain.facts import Channel
from domain.messages.budgets import BUDGETS, DAY, PACES, free_from, gathered_until
from domain.messages.messages import Purpose
from domain.safety.throttle import LIMITS, Throttle
from tests.clocks import START

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(("purpose", "channel"), list(product(Purpose, Channel)))
def test_everything_that_is_said_has_a_budget(purpose: Purpose, channel: Channel) -> None:
    budget = BUDGETS[purpose, channel]
    assert 0 < budget.contact <= budget.account


def test_the_next_message_may_go_a_day_after_the_oldest_that_fills_the_budget() -> None:
    newest_first = [START - HOUR * number for number in range(3)]
    assert free_from(newest_first, 4) is None
    assert free_from(newest_first, 3) == START - 2 * HOUR + DAY
    assert free_from(newest_first, 2) == START - HOUR + DAY
    assert free_from([], 1) is None


def test_gathering_takes_twice_as_long_each_time_but_never_long_enough_to_hide_anything() -> None:
    minutes = [
        (gathered_until(Channel.EMAIL, START, gathered_before=n) - START).seconds // 60 for n in range(6)
    ]
    assert minutes == [10, 20, 40, 80, 120, 120]
    assert (
        gathered_until(Channel.EMAIL, START, gathered_before=10_000) == START + PACES[Channel.EMAIL].longest
    )
    assert all(pace.longest <= 6 * HOUR for pace in PACES.values())


def test_e_mail_is_gathered_for_a_shorter_time_and_gets_through_more_often() -> None:
    email, sms = (BUDGETS[Purpose.NOTICE, channel] for channel in (Channel.EMAIL, Channel.SMS))
    assert email.contact > sms.contact
    assert PACES[Channel.EMAIL].longest < PACES[Channel.SMS].longest


def test_strangers_who_know_both_contacts_cannot_use_up_an_accounts_codes() -> None:
    assert 2 * LIMITS[Throttle.CODES_PER_DAY].most < BUDGETS[Purpose.CODE, Channel.SMS].account
