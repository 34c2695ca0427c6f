"""At every moment one key signs that was shown before, and whatever it signed can be verified as long as it counts."""

from datetime import timedelta

from domain.host.signing_keys import SHOWN_BEFORE, SIGNS_FOR, KeyTimes, next_key, shown_keys, signing_key
from tests.clocks import START

HOUR = timedelta(hours=1)


def test_the_first_key_signs_at_once() -> None:
    assert next_key([], now=START) == KeyTimes(number=1, signs_from=START)


def test_a_key_is_made_before_its_time_and_signs_from_it_on() -> None:
    first = KeyTimes(number=1, signs_from=START)
    assert next_key([first], now=START + SIGNS_FOR - SHOWN_BEFORE - HOUR) is None
    second = next_key([first], now=START + SIGNS_FOR - SHOWN_BEFORE)
    assert second == KeyTimes(number=2, signs_from=START + SIGNS_FOR)
    assert signing_key([first, second], now=START + SIGNS_FOR - HOUR) == first
    assert signing_key([first, second], now=START + SIGNS_FOR) == second


def test_for_a_year_whatever_was_signed_within_the_hour_can_be_verified_and_keys_are_few() -> None:
    keys: list[KeyTimes] = []
    last_signed: KeyTimes | None = None
    for hours in range(24 * 365):
        now = START + hours * HOUR
        if due := next_key(keys, now=now):
            keys.append(due)
        shown = shown_keys(keys, now=now)
        assert signing_key(keys, now=now) in shown
        assert last_signed is None or last_signed in shown
        assert len(shown) <= 3
        keys, last_signed = sorted(shown, key=lambda key: key.number), signing_key(keys, now=now)
    assert max(key.number for key in keys) == 7
