"""What a check-up asks about, and when the next one is due."""

from datetime import timedelta

import pytest

from domain.policy import InvalidPolicy
from domain.upkeep.check_ups import (
    FEW_CODES,
    UNUSED_FOR,
    Doubt,
    is_worth_inviting,
    next_due,
    questions,
)
from domain.upkeep.possessions import Possessions
from tests.clocks import START
from tests.domain.upkeep.owned import own_passkey, with_codes
from tests.factories import make_policy

DAY = timedelta(days=1)
NEW = own_passkey(is_synced=True)


def doubts(own: Possessions) -> list[Doubt]:
    return [question.doubt for question in questions(own, START)]


def test_nothing_is_asked_where_everything_is_well() -> None:
    assert doubts(with_codes(passkeys=(NEW,), has_email=True)) == []


def test_a_device_is_asked_about_when_it_was_not_used_for_long_enough() -> None:
    just = own_passkey(passkey_id="p2", last_used_at=START - UNUSED_FOR)
    nearly = own_passkey(passkey_id="p3", last_used_at=START - UNUSED_FOR + timedelta(seconds=1))
    asked = questions(Possessions(passkeys=(NEW, just, nearly)), START)
    assert [question.name for question in asked] == ["p2"]


def test_a_device_that_was_never_used_counts_from_its_beginning_and_the_longest_unused_comes_first() -> None:
    never = own_passkey(passkey_id="p2", last_used_at=None, bound_at=START - 100 * DAY)
    long_ago = own_passkey(passkey_id="p3", last_used_at=START - 200 * DAY)
    asked = questions(Possessions(passkeys=(NEW, never, long_ago)), START)
    assert [question.name for question in asked] == ["p3", "p2"]


@pytest.mark.parametrize(("left", "is_asked"), [(FEW_CODES + 1, False), (FEW_CODES, True), (0, True)])
def test_codes_are_asked_about_when_few_are_left(left: int, *, is_asked: bool) -> None:
    asked = doubts(with_codes(passkeys=(NEW,), codes_left=left))
    assert asked == ([Doubt.CODES_LOW] if is_asked else [])


def test_whoever_never_had_codes_is_not_asked_about_codes() -> None:
    assert doubts(Possessions(passkeys=(NEW,))) == []


def test_an_address_that_fails_is_asked_about_and_a_missing_one_is_not() -> None:
    assert doubts(Possessions(passkeys=(NEW,), has_email=True, email_fails=True)) == [Doubt.ADDRESS_FAILS]
    assert doubts(Possessions(passkeys=(NEW,))) == []


def test_whoever_is_one_loss_away_is_asked_for_another_way() -> None:
    assert doubts(Possessions(passkeys=(own_passkey(),))) == [Doubt.ONE_LOSS_AWAY]


def test_the_first_check_up_asks_in_any_case_and_later_ones_only_if_there_is_something() -> None:
    asked = questions(Possessions(passkeys=(own_passkey(),)), START)
    assert is_worth_inviting((), looked_before=False)
    assert not is_worth_inviting((), looked_before=True)
    assert is_worth_inviting(asked, looked_before=True)


def test_the_next_check_up_is_the_policys_and_none_where_it_has_none() -> None:
    assert next_due(make_policy(check_up_every=90 * DAY), START) == START + 90 * DAY
    assert next_due(make_policy(check_up_every=timedelta()), START) is None


def test_check_ups_that_come_too_often_are_no_policy() -> None:
    make_policy(check_up_every=28 * DAY)
    with pytest.raises(InvalidPolicy, match="nagged"):
        make_policy(check_up_every=27 * DAY)
