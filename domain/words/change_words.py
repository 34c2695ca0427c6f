"""The words for changes of how somebody signs in: what was changed, what stops it, and why it is not done from here.

One table for each, for the account page, the page of an objection, the case and the notices' page alike.
"""

from collections.abc import Mapping

from domain.messages.messages import Template
from domain.safety.disputes import Did, DisputeSubject, Effect
from domain.trust import Change, Why

CHANGES: Mapping[Template, str] = {
    Template.PASSKEY_BOUND: "{device} was added as a way to sign in",
    Template.PASSKEY_REMOVED: "{device} was removed from the ways to sign in",
    Template.PASSKEY_LOST: "{device} was put on hold, because it was lost",
    Template.PASSKEY_RELEASED: "{device} was taken off hold, and can sign in again",
    Template.RECOVERY_CODES_MADE: "Recovery codes were made",
    Template.RECOVERY_CODE_USED: "A recovery code was used to sign in",
    Template.AUTHENTICATOR_APP_BOUND: "An authenticator app was added as a way to sign in",
    Template.AUTHENTICATOR_APP_REMOVED: "An authenticator app was removed from the ways to sign in",
    Template.SMS_SIGNED_IN: "Somebody signed in by text message, although there is a passkey",
    Template.EMAIL_CHANGED: "Another e-mail address was confirmed",
    Template.PHONE_CHANGED: "Your phone number was changed",
    Template.CHANGE_WAITS: "{change} was asked for",
    Template.SEVERAL_CHANGES: "Several things were changed",
    Template.RESCUE_ASKED: "Support was asked to let somebody in who has no other way",
    Template.RESCUED: "Somebody came in with the help of support",
    Template.RECOVERY_ASKED: "Somebody asked to get back into your account",
    Template.RECOVERY_SOON: "Somebody who has asked to get back into your account waits for the way in",
    Template.RECOVERY_OPEN: "The way back into your account was sent",
    Template.SMS_NOTICE: "The end of text-message codes was announced",
    Template.SMS_SUSPENDED: "Text-message codes were switched off",
    Template.SMS_RESTORED: "Text-message codes were switched on again",
    Template.SMS_KEPT: "Text-message codes stay on, although their end was announced",
    Template.SMS_REMOVED: "Text-message codes were switched off for good",
}
"""What each notice tells of, as a sentence without its full stop; every notice that can be objected to has one."""

WAITING: Mapping[Change, str] = {
    Change.REMOVE_PASSKEY: "Removing {device}",
    Change.CHANGE_EMAIL: "Another e-mail address",
    Change.MAKE_CODES: "Ending the older recovery codes",
    Change.BIND_AUTHENTICATOR_APP: "Ending the older authenticator app",
    Change.REMOVE_AUTHENTICATOR_APP: "Removing the authenticator app",
    Change.RELEASE_PASSKEY: "Using {device} again",
}
"""What waits, as the beginning of a sentence."""

WHY: Mapping[Why, str] = {
    Why.NEEDS_STEP_UP: "Please confirm with your passkey first: that shows it is really you.",
    Why.NEEDS_TWO_PROOFS: "A device that is lost takes a code by e-mail as well.",
    Why.NEEDS_DEVICE: "That takes the device itself, and some days.",
    Why.ENROLS_ONLY: "From here, you can add a passkey to this device and nothing else. Sign in to do more.",
    Why.LINK_USED_UP: "This link was for one passkey, and it has been made. Sign in to do more.",
    Why.DISPUTED_ROUTE: "You told us that a change was not yours, and this way in had to do with it. It signs you in, "
    "but changes nothing until that is settled.",
    Why.DISPUTED_ACCOUNT: "A change of this account is being looked into. Until that is settled you can add a passkey, "
    "and change nothing else.",
    Why.NOTHING_ESTABLISHED: "That takes a passkey that has been yours for some days. Yours is still too new.",
    Why.NEEDS_OLDER_PASSKEY: "This was asked for with a way in that is older than yours, so it goes on. An older "
    "passkey can stop it, and so can the button or code in our message about it.",
    Why.UNDER_GUARD: "We are taking special care of all accounts just now, so this waits. You sign in as ever.",
    Why.NEEDS_SECOND_PROOF: "We are taking special care of all accounts just now, so text-message codes come back with "
    "a code by e-mail, or with the help of our support.",
}
"""Why a change is not done from a session, and what to do instead."""

_DONE: Mapping[tuple[DisputeSubject, Did], str] = {
    (DisputeSubject.PASSKEY, Did.HELD): "{device} can no longer sign in.",
    (DisputeSubject.PASSKEY, Did.LOWERED): "{device} can still sign in, but change nothing.",
    (DisputeSubject.PASSKEY, Did.BROUGHT_BACK): "{device} can sign in again.",
    (DisputeSubject.CODES, Did.HELD): "The recovery codes that were made or used no longer work.",
    (DisputeSubject.CODES, Did.BROUGHT_BACK): "Your earlier recovery codes work again.",
    (
        DisputeSubject.AUTHENTICATOR_APP,
        Did.HELD,
    ): "The authenticator app that was added or used no longer works.",
    (DisputeSubject.AUTHENTICATOR_APP, Did.BROUGHT_BACK): "Your earlier authenticator app works again.",
    (DisputeSubject.EMAIL, Did.HELD): "The new e-mail address is out of use.",
    (DisputeSubject.EMAIL, Did.BROUGHT_BACK): "Your earlier e-mail address is back.",
    (DisputeSubject.PHONE, Did.HELD): "The new phone number is out of use.",
    (DisputeSubject.PHONE, Did.BROUGHT_BACK): "Your earlier phone number is back.",
    (DisputeSubject.WAITING_CHANGE, Did.WITHDRAWN): "What was still waiting will not be done.",
}
_IF_UPHELD: Mapping[tuple[DisputeSubject, Did], str] = {
    (DisputeSubject.PASSKEY, Did.HELD): "{device} is removed.",
    (DisputeSubject.PASSKEY, Did.LOWERED): "{device} is removed.",
    (DisputeSubject.PASSKEY, Did.BROUGHT_BACK): "{device} stays.",
    (DisputeSubject.CODES, Did.HELD): "The held recovery codes are void for good.",
    (DisputeSubject.CODES, Did.BROUGHT_BACK): "The earlier recovery codes go on working.",
    (DisputeSubject.AUTHENTICATOR_APP, Did.HELD): "The held authenticator app is removed.",
    (DisputeSubject.AUTHENTICATOR_APP, Did.BROUGHT_BACK): "The earlier authenticator app stays.",
    (DisputeSubject.EMAIL, Did.HELD): "The disputed e-mail address is gone.",
    (DisputeSubject.EMAIL, Did.BROUGHT_BACK): "The earlier e-mail address stays.",
    (DisputeSubject.PHONE, Did.HELD): "The disputed phone number is gone.",
    (DisputeSubject.PHONE, Did.BROUGHT_BACK): "The earlier phone number stays.",
    (DisputeSubject.WAITING_CHANGE, Did.WITHDRAWN): "What was waiting stays undone.",
}
_IF_DISMISSED: Mapping[tuple[DisputeSubject, Did], str] = {
    (DisputeSubject.PASSKEY, Did.HELD): "{device} can sign in again.",
    (DisputeSubject.PASSKEY, Did.LOWERED): "{device} can change things again.",
    (DisputeSubject.PASSKEY, Did.BROUGHT_BACK): "{device} is removed again.",
    (DisputeSubject.CODES, Did.HELD): "The held recovery codes work again.",
    (DisputeSubject.CODES, Did.BROUGHT_BACK): "The earlier recovery codes are void again.",
    (DisputeSubject.AUTHENTICATOR_APP, Did.HELD): "The held authenticator app works again.",
    (DisputeSubject.AUTHENTICATOR_APP, Did.BROUGHT_BACK): "The earlier authenticator app is removed again.",
    (DisputeSubject.EMAIL, Did.HELD): "The disputed e-mail address is the account's again.",
    (DisputeSubject.EMAIL, Did.BROUGHT_BACK): "The earlier e-mail address is the former one again.",
    (DisputeSubject.PHONE, Did.HELD): "The disputed phone number is the account's again.",
    (DisputeSubject.PHONE, Did.BROUGHT_BACK): "The earlier phone number is the former one again.",
    (DisputeSubject.WAITING_CHANGE, Did.WITHDRAWN): "What was waiting has to be asked for again.",
}


def change(template: Template, values: Mapping[str, str]) -> str:
    """What a notice tells of, as a sentence without its full stop."""
    waiting = values.get("change", "")
    phrase = WAITING[Change(waiting)] if waiting in set(WAITING) else "A change"
    device = values.get("device", "A device")
    return CHANGES[template].format(
        device=device, change=phrase.format(device=values.get("device", "a device"))
    )


def done(effect: Effect, device: str) -> str:
    """What an objection has done, as a sentence."""
    return _DONE[effect.subject, effect.did].format(device=device)


def if_upheld(effect: Effect, device: str) -> str:
    """What upholding an objection does, as a sentence."""
    return _IF_UPHELD[effect.subject, effect.did].format(device=device)


def if_dismissed(effect: Effect, device: str) -> str:
    """What dismissing an objection does, as a sentence."""
    if effect.was_on_hold:
        is_back = effect.did is Did.BROUGHT_BACK
        return f"{device} is on hold again." if is_back else f"{device} stays on hold, as it was before."
    return _IF_DISMISSED[effect.subject, effect.did].format(device=device)
