"""What people call the things that are on record by short names: messages, channels, devices' errors, reasons."""

import re
from collections.abc import Mapping

from domain.facts import Channel, Method
from domain.messages.messages import Template

MESSAGES: Mapping[str, str] = {
    Template.SIGN_IN_CODE: "sign-in code",
    Template.SIGN_IN_LINK: "link to type codes again",
    Template.VERIFY_EMAIL: "code to verify the e-mail address",
    Template.NUDGE_EMAIL_VERIFIED: "reminder to verify the e-mail address",
    Template.NUDGE_PASSKEY_ENROLLED: "reminder to create a passkey",
    Template.NUDGE_PASSKEY_PROVEN: "reminder to sign in with the passkey",
    Template.NUDGE_SECOND_ROUTE_READY: "reminder to set up a second way in",
    Template.NUDGE_CHECK_UP: "invitation to a check-up",
    Template.PASSKEY_BOUND: "notice that a passkey was added",
    Template.PASSKEY_HELD: "notice that a passkey is on hold",
    Template.PASSKEY_REMOVED: "notice that a passkey was removed",
    Template.RECOVERY_CODES_MADE: "notice that recovery codes were made",
    Template.RECOVERY_CODE_USED: "notice that a recovery code was used",
    Template.AUTHENTICATOR_APP_BOUND: "notice that an authenticator app was added",
    Template.AUTHENTICATOR_APP_REMOVED: "notice that an authenticator app was removed",
    Template.EMAIL_CHANGED: "notice that the e-mail address was changed",
    Template.PHONE_CHANGED: "notice that the phone number was changed",
    Template.CONTACT_DISOWNED: "notice that a contact was taken off the account",
    Template.HOLD_CODE: "code to put a lost device on hold",
    Template.RESTORE_CODE: "code to switch text-message codes on again under guard",
    Template.PASSKEY_LOST: "notice that a lost passkey is on hold",
    Template.PASSKEY_RELEASED: "notice that a passkey is off hold again",
    Template.SMS_SIGNED_IN: "notice of a sign-in by text message",
    Template.SMS_ASKED_FOR: "answer to asking for a text-message code",
    Template.CODE_NOT_TEXTED: "news that a text-message code did not arrive",
    Template.CHANGE_WAITS: "notice of a change that waits",
    Template.SEVERAL_CHANGES: "notice of several changes",
    Template.OBJECTION_NOTED: "answer to “This wasn’t me”",
    Template.OBJECTION_SETTLED: "notice that an objection was settled",
    Template.GUARDRAIL_FAILED: "warning that a guardrail has failed",
    Template.STAFF_INVITED: "invitation to the console",
    Template.RESCUE_ASKED: "notice that a rescue pass was asked for",
    Template.RESCUED: "notice that a rescue pass was used",
    Template.RECOVERY_PROOF: "code to get back in",
    Template.RECOVERY_ASKED: "notice that somebody is getting back in",
    Template.RECOVERY_SOON: "second notice that somebody is getting back in",
    Template.RECOVERY_OPEN: "way back in",
    Template.RECOVERY_STOPPED: "notice that nobody gets back in",
    Template.END_DATE: "the day from which text-message codes only open the set-up",
    Template.END_LIFTED: "the end date no longer holds",
    Template.EXEMPTION_ENDS: "word that an exemption ends",
    Template.SMS_NOTICE: "notice that text-message codes will end",
    Template.SMS_SUSPENDED: "notice that text-message codes are off",
    Template.SMS_RESTORED: "notice that text-message codes are back on",
    Template.SMS_KEPT: "notice that text-message codes stay on",
    Template.SMS_REMOVED: "notice that text-message codes are off for good",
}
"""What each message is called, after "the"."""

CHANNELS: Mapping[str, str] = {
    Channel.EMAIL: "e-mail",
    Channel.SMS: "text message",
    "every_channel": "every channel",
}
"""How messages go, after "by"."""

CONTACTS: Mapping[str, str] = {Channel.EMAIL: "e-mail address", Channel.SMS: "phone number"}
"""Where the messages of a channel go."""

METHODS: Mapping[str, str] = {
    Method.SMS: "text-message code",
    Method.SMS_AFTER_END: "text-message code, which opens the set-up and nothing else",
    Method.PASSKEY: "passkey",
    Method.RECOVERY_CODE: "recovery code",
    Method.AUTHENTICATOR_APP: "a code of an authenticator app",
    Method.DEVICE_LINK: "a link from another device",
    Method.RESCUE: "rescue pass",
    Method.RECOVERY: "recovery",
    Method.HOST: "the service’s own sign-in",
}
"""How people sign in, after "by"."""

CEREMONIES: Mapping[str, str] = {
    "registration": "Creating a passkey",
    "authentication": "Signing in by passkey",
}

NOT_SAID = "the browser says no more"

EXCEPTIONS: Mapping[str, str] = {
    "AbortError": "something else came in between",
    "ConstraintError": "the device has no screen lock, or cannot keep passkeys",
    "InvalidStateError": "there is one on the device already",
    "NotAllowedError": "cancelled, or not answered in time",
    "NotSupportedError": "the device cannot do it",
    "SecurityError": "the page has the wrong address for it",
    "TypeError": "the connection was lost",
    "UnknownError": "the device could not finish it",
}
"""What the DOMExceptions of passkey ceremonies mean (WebAuthn Level 3, 5.1.3 and 5.1.4), for people to read."""

CANNOT: Mapping[str, str] = {
    "no_device": "no device that can do it",
    "shared_device": "a shared device",
    "did_not_work": "it did not work",
    "no_email": "no e-mail address",
    "no_time": "no time just now",
    "other": "another reason",
}
"""Why somebody said that they cannot do it now."""

RESTS: Mapping[str, str] = {
    "machine_account": "as a machine's account",
    "no_capable_device": "for want of a device that can hold a passkey",
    "other": "for another reason",
}
"""Why somebody is exempt."""

OUTCOMES: Mapping[str, str] = {
    "migrated": "the person signs in without text-message codes",
    "deleted": "the service has deleted the account",
    "upheld": "it was not the owner",
    "dismissed": "it was the owner after all",
}
"""How journeys and objections ended."""

SIM_ANSWERS: Mapping[str, str] = {
    "clear": "it was not swapped",
    "recent": "it was swapped lately",
    "unknown": "nobody can say",
}
"""What a look-up of the SIM says."""

FIELDS: Mapping[str, str] = {
    "email": "e-mail address",
    "phone": "phone number",
    "locale": "language",
    "phone_zone": "time zone of the phone number",
    "sim_checked_at": "when the SIM was last checked",
    "sim_changed_at": "when the SIM was last changed",
    "sms_method": "what text-message codes are to the account there",
    "other_methods": "other ways to sign in there",
    "host_verified_email": "whether the service has verified the e-mail address",
    "host_verified_phone": "whether the service has verified the phone number",
}
"""What a service may change of an account, where the field's own name is not plain enough."""

REFUSALS: Mapping[str, str] = {
    "no_other_method": "the account has no other way in there",
    "unknown_account": "it does not know the account",
    "account_locked": "the account is locked there",
    "under_review": "it is looking into the account",
    "other": "no reason was given",
}
"""Why a service does not change text-message codes in its own system: the codes that we have words for."""

REASONS: Mapping[str, str] = {
    **REFUSALS,
    **CANNOT,
    # Why somebody with a passkey signed in by a text-message code.
    "new_device": "on a new device",
    "not_here": "the device was not at hand",
    "lost": "the device is lost",
    # Why text-message codes are on again.
    "erased": "the account was erased, and it was asked for",
    # Why an exemption ended by itself.
    "account_done": "the person is through",
    # Why the journey gets no further.
    "nudges_used_up": "all reminders are used up",
    "unreachable": "neither e-mail nor text messages reach the person",
    "number_too_new": "text-message codes do not come back by themselves to so new a number",
    "notice_missed": "the notice that text-message codes will end arrives nowhere",
    "host_silent": "the service does not answer",
    # Why text-message codes were switched on again, or support was asked.
    "person": "the person wanted them back",
    "proof_lost": "the account is no longer known to sign in without them",
    "exempted": "the person was exempted",
    "host_refused": "the service did not want to end them",
    "host_reopened": "the service has switched them on in its own system",
    "objection": "the owner said “This wasn’t me” of a change",
    # Why a message was not sent.
    "expired": "it had waited too long",
    "reached": "the person had already done it",
    "deactivated": "the service has deactivated the account",
    "journey_held": "the journey stood still by then",
    "contact_lost": "the contact was no longer in use",
    "sender_lost": "it was interrupted while it was being sent",
    # Why somebody could not sign in.
    "wrong_code": "the code was wrong",
    "sms_suspended": "text-message codes are off for this account",
    "sms_removed": "text-message codes are off for good",
    "passkey_on_hold": "the passkey is on hold",
    "passkey_lost": "the passkey is on hold, because its owner has lost it",
    "passkey_held": "a passkey is on hold, because it may have been copied",
    "credential_unknown": "the passkey is not known here",
    "other_account": "the passkey is another account's",
    "of_staff": "the passkey is a member of staff's",
    "user_handle_mismatch": "the passkey named another account",
    "challenge_expired": "it took too long",
    "challenge_unknown": "the page was out of date",
    "malformed": "the browser's answer could not be read",
    # Why nobody can say whether the SIM was swapped.
    "no_phone": "the account has no phone number",
    "not_configured": "no provider is set up to be asked",
    "asker_lost": "it was interrupted while it was being asked",
    "period_too_short": "the carrier looks back for less than the policy asks",
    "answer_lost": "the answer was lost",
    # What is odd about a passkey.
    "sign_count_went_back": "its counter did not go up, so it may have been copied",
    "backup_eligibility_changed": "it says something else than before about being synced",
    "backup_eligibility_lost": "it says that it may not be synced any more, which no passkey does",
    "backup_state_impossible": "it says that it is synced and may not be, which no passkey does",
    # What the host told.
    "recycled": "it is somebody else’s now",
    "changed": "it was given up",
    "told_by_host": "the service’s own support told of it",
    "passkey_suspicious": "a passkey may have been copied, and is the only way in that works",
}
"""The words of reasons that are on record by a short name."""

_SHORT_NAME = re.compile(r"[a-z0-9]+(_[a-z0-9]+)+")


def exception(name: str) -> str:
    """What went wrong on a device, without the browser's name for it."""
    return EXCEPTIONS.get(name, NOT_SAID)


def reason(text: str) -> str:
    """A reason, in words."""
    return REASONS.get(text) or spelled_out(text)


def spelled_out(text: str) -> str:
    """A short name, with blanks between its words; what a person wrote stays as it is."""
    return text.replace("_", " ") if _SHORT_NAME.fullmatch(text) else text


def capital(text: str) -> str:
    """With a capital letter, as a sentence or a line of a list begins."""
    return f"{text[:1].upper()}{text[1:]}"


def uncapital(text: str) -> str:
    """With a small letter, as the middle of a sentence begins; an abbreviation stays as it is."""
    return text if text[1:2].isupper() else f"{text[:1].lower()}{text[1:]}"
