"""What is left of an account whose owner gives up the only passkey, so that they are asked once more."""

from enum import StrEnum

from domain.errors import Refused
from domain.facts import Facts
from domain.safety.routes import Route, proven_routes


class Remaining(StrEnum):
    """The ways in that are left, and whether there is a verified address at which the owner is told of changes."""

    NUMBER = "number"
    NUMBER_AND_CODES = "number_and_codes"
    NUMBER_AND_ADDRESS = "number_and_address"
    CODES = "codes"
    CODES_AND_ADDRESS = "codes_and_address"
    APP = "app"
    NOTHING = "nothing"


class RemovesOnlyPasskey(Refused):
    """The only passkey is to be removed, and its owner has not said that they are sure; `remaining` is what is left."""

    def __init__(self, remaining: Remaining) -> None:
        super().__init__(f"the only passkey is to go, and what is left is: {remaining}")
        self.remaining = remaining


def without_passkey(facts: Facts, *, is_active: bool) -> Remaining | None:
    """What is left without one passkey, which works (`is_active`) or is on hold; None if that is enough.

    Enough is another passkey, or an address at which its owner hears of changes together with an authenticator app, or
    with the number and recovery codes.
    """
    if facts.passkeys > (1 if is_active else 0):
        return None
    has_number = Route.SMS in proven_routes(facts)
    has_codes = facts.recovery_codes_proven and facts.recovery_codes_left > 0
    has_address = facts.email_verified_at is not None
    if facts.authenticator_apps:
        return None if has_address else Remaining.APP
    match has_number, has_codes, has_address:
        case True, True, True:
            return None
        case True, _, True:
            return Remaining.NUMBER_AND_ADDRESS
        case True, True, _:
            return Remaining.NUMBER_AND_CODES
        case True, _, _:
            return Remaining.NUMBER
        case _, True, _:
            return Remaining.CODES_AND_ADDRESS if has_address else Remaining.CODES
    return Remaining.NOTHING
