"""Tells why a passkey ceremony was refused, and which refusals are nobody's fault."""

from collections.abc import Mapping
from typing import Any

from domain.passkeys import MOST_PASSKEYS

_IN_ALREADY = (
    "You have signed in already, in another tab or window. To come in as somebody else, please try once more."
)
_UNKNOWN = (
    "We don't know this passkey; it may have been removed from your account. "
    "Please choose another one, or sign in with a code."
)
_TEXTS = {
    "credential_unknown": _UNKNOWN,
    "credential_removed": _UNKNOWN,
    "signed_in_already": _IN_ALREADY,
    "at_console_already": _IN_ALREADY,
    "passkey_on_hold": (
        "This passkey is on hold, because somebody has told us that it was added without them. "
        "Please sign in another way. Our support is looking into it."
    ),
    "passkey_lost": (
        "We were told that this device is lost, so it is on hold. You have it again? Sign in with a code, and say so "
        "on your account page. If it was not you who said that it is lost, use the button in our e-mail about it."
    ),
    "other_device": "That was another passkey. Please use the device that is on hold.",
    "passkey_held": (
        "This passkey behaved as only a copy of it would, so it is on hold for your safety. Please sign in another "
        "way; on your account page you can remove it and add this device again."
    ),
    "challenge_expired": "That took a little too long. Please try once more.",
    "challenge_unknown": "This page was open for a long time, or in two places at once. Please try once more.",
    "overtaken": "You have used this passkey since, in another tab or browser. Please try once more.",
    "already_bound": "This passkey is already in use. Your device may have it already; try signing in with it.",
    "too_many_passkeys": (
        f"There are {MOST_PASSKEYS} passkeys on this account, and there is room for no more. "
        "Please remove one that you no longer use, on your account page; then you can add this one."
    ),
    "of_staff": "That passkey opens the staff's console, not an account. Please choose another one.",
    "not_of_staff": "That passkey belongs to a person's account; it does not open the console.",
    "access_ended": "Your access to the console has ended. An admin can invite you again.",
    "sign_count_went_back": "There seems to be a copy of this passkey. Use another one, and tell an admin.",
    "backup_eligibility_lost": "There seems to be a copy of this passkey. Use another one, and tell an admin.",
    "signs_in_by_provider": "You sign in by your company's identity provider, so there is no passkey to add here.",
    "other_account": "That passkey belongs to another account. Please choose the one of this account.",
}
_CALM: Mapping[str, Mapping[str, str]] = {
    "challenge_expired": {},
    "challenge_unknown": {},
    "overtaken": {},
    "already_bound": {},
    "signed_in_already": {"way_on": "/account", "way_on_label": "Go to your account"},
    "at_console_already": {"way_on": "/console/home", "way_on_label": "Go to the console"},
}
"""Refusals that are nobody's fault, with the way on if there is another than to try once more."""


def words(reason: str) -> dict[str, Any]:
    """What the explanation of a refused ceremony says, by its fields; empty if nothing more is known than that."""
    if reason not in _TEXTS:
        return {}
    calm = {"is_calm": True, **_CALM[reason]} if reason in _CALM else {}
    return {"text": _TEXTS[reason], "reason": reason} | calm
