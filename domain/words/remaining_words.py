"""The words for what is left of an account without its only passkey, and for what to do first instead."""

from collections.abc import Mapping

from domain.remaining import Remaining

_ANYBODY = "Whoever can read your text messages gets into your account"
_UNHEARD = "can change everything there, and we cannot tell you in any other way."

LEFT: Mapping[Remaining, str] = {
    Remaining.NUMBER: f"Your phone number is all that is left then. {_ANYBODY} and {_UNHEARD}",
    Remaining.NUMBER_AND_CODES: "Your phone number and your recovery codes are all that is left then. "
    f"{_ANYBODY} and {_UNHEARD} Recovery codes are used up one by one.",
    Remaining.NUMBER_AND_ADDRESS: f"You sign in by text message alone then. {_ANYBODY}; we can tell you by e-mail.",
    Remaining.CODES: "Your recovery codes are the only way into your account then. Each works once, and we cannot "
    "tell you by e-mail what happens there.",
    Remaining.CODES_AND_ADDRESS: "Your recovery codes are the only way into your account then, and each works once.",
    Remaining.APP: "You sign in by the codes of your authenticator app then, and we cannot tell you by e-mail what "
    "happens in your account.",
    Remaining.NOTHING: "There is no way into your account then, until you add a passkey from here.",
}
"""What is left, and what that means."""

FIRST: Mapping[Remaining, tuple[str, str]] = {
    Remaining.NUMBER: ("/setup/email", "Add an e-mail address first"),
    Remaining.NUMBER_AND_CODES: ("/setup/email", "Add an e-mail address first"),
    Remaining.NUMBER_AND_ADDRESS: ("/setup/passkey", "Add another passkey first"),
    Remaining.CODES: ("/setup/email", "Add an e-mail address first"),
    Remaining.CODES_AND_ADDRESS: ("/setup/passkey", "Add another passkey first"),
    Remaining.APP: ("/setup/email", "Add an e-mail address first"),
    Remaining.NOTHING: ("/setup/passkey", "Add another passkey first"),
}
"""The way on, as the path of its page and the words of its button."""
