"""Who gives up the only passkey is asked once more, and told what is left; whoever has enough is not."""

from datetime import timedelta

import pytest

from domain.facts import Facts, SmsState
from domain.remaining import Remaining, without_passkey
from tests.clocks import START

NUMBER = {"sms": SmsState.ON}
NO_NUMBER = {"sms": SmsState.REMOVED}
CODES = {"recovery_codes_proven": True, "recovery_codes_left": 1}
ADDRESS = {"email_verified_at": START - timedelta(days=1)}


@pytest.mark.parametrize(
    ("left", "expected"),
    [
        (NUMBER | CODES | ADDRESS, None),
        (NUMBER | CODES, Remaining.NUMBER_AND_CODES),
        (NUMBER | ADDRESS, Remaining.NUMBER_AND_ADDRESS),
        (NUMBER, Remaining.NUMBER),
        (NO_NUMBER | CODES | ADDRESS, Remaining.CODES_AND_ADDRESS),
        (NO_NUMBER | CODES, Remaining.CODES),
        (NO_NUMBER | ADDRESS, Remaining.NOTHING),
        (NO_NUMBER, Remaining.NOTHING),
        # Codes that are used up, or were never typed back, are none.
        (NO_NUMBER | CODES | {"recovery_codes_left": 0}, Remaining.NOTHING),
        (NO_NUMBER | CODES | {"recovery_codes_proven": False}, Remaining.NOTHING),
    ],
)
@pytest.mark.parametrize(("passkeys", "is_active"), [(1, True), (0, False)], ids=["works", "on hold"])
def test_what_is_left_without_the_only_passkey(
    left: dict[str, object], expected: Remaining | None, passkeys: int, is_active: bool
) -> None:
    facts = Facts(passkeys=passkeys, **left)  # type: ignore[arg-type]
    assert without_passkey(facts, is_active=is_active) is expected


@pytest.mark.parametrize(("passkeys", "is_active"), [(2, True), (1, False)])
def test_another_passkey_is_enough(passkeys: int, is_active: bool) -> None:
    assert without_passkey(Facts(passkeys=passkeys, sms=SmsState.REMOVED), is_active=is_active) is None
