"""The journal in plain sentences: one for every kind of entry."""

import re
from collections.abc import Mapping
from typing import Any

from domain.journal import EventKind
from domain.words.names import (
    CEREMONIES,
    CHANNELS,
    CONTACTS,
    FIELDS,
    MESSAGES,
    METHODS,
    OUTCOMES,
    REASONS,
    RESTS,
    SIM_ANSWERS,
    capital,
    exception,
    spelled_out,
)

SENTENCES = {
    EventKind.ACCOUNT_IMPORTED: "The service told of this account for the first time[, {lacks}]",
    EventKind.ACCOUNT_CHANGED: "The service told of a change[: {fields}][; {email_unverified}]",
    EventKind.ACCOUNT_DELETED: "The service has deleted the account; what was personal is forgotten",
    EventKind.ACCOUNT_ERASED: "The account was erased at the person’s wish; what was personal is forgotten",
    EventKind.ACCOUNT_DEACTIVATED: "The service has deactivated the account; nobody can sign in to it",
    EventKind.ACCOUNT_REACTIVATED: "The service has activated the account again",
    EventKind.CONTACT_SHARED: "Another account has[ {shared}] the same {contact}",
    EventKind.JOURNEY_STARTED: "The way to passkeys began",
    EventKind.JOURNEY_ENDED: "The way to passkeys ended[: {outcome}]",
    EventKind.SIGNED_IN: "Signed in[ by {method}]",
    EventKind.SIGN_IN_FAILED: "Somebody tried to sign in[ by {method}] and could not[: {reason}]",
    EventKind.SIGNED_OUT: "Signed out",
    EventKind.PASSKEY_SIGNED_IN: "Signed in by passkey",
    EventKind.PASSKEY_PROVEN: "Signed in by passkey, which proves that it works",
    EventKind.CEREMONY_FAILED: "{ceremony} failed[ ({platform})][: {name}]",
    EventKind.PROMPT_SEEN: "Saw the set-up for the first time[, {capable}][ ({platform})]",
    EventKind.PROMPT_SKIPPED: "Chose “Remind me later”",
    EventKind.CANNOT_NOW: "Said “I can’t do this now”[: {reason}]",
    EventKind.EMAIL_VERIFIED: "Verified the e-mail address",
    EventKind.PASSKEY_BOUND: "Created a passkey[ ({platform})]",
    EventKind.PASSKEY_RENAMED: "Gave a passkey another name",
    EventKind.PASSKEY_REMOVED: "A passkey was removed",
    EventKind.PASSKEY_WATCHED: "A passkey signed in, and something was odd about it[: {reason}]",
    EventKind.PASSKEY_HELD: "A passkey was put on hold[: {reason}]",
    EventKind.PASSKEY_RELEASED: "A passkey was taken off hold",
    EventKind.SMS_CHOSEN: "Signed in by text message although there is a passkey[: {reason}]",
    EventKind.CONFIRMED: "Confirmed something new before its time[: {what}]",
    EventKind.REJECTED: "Rejected something new[: {what}]",
    EventKind.CHANGE_WAITS: "Asked for a change that waits for some days[: {change}]",
    EventKind.CHANGE_DONE: "A change that had waited was done[: {change}]",
    EventKind.CHANGE_STOPPED: "A change that waited was stopped[: {change}]",
    EventKind.BROUGHT_BACK: "Something that was taken away came back[: {what}]",
    EventKind.DISPUTE_ANSWERED: "Answered to the objection: it was me",
    EventKind.PASSKEY_SYNC_CHANGED: "Whether a passkey is synced has changed[: it is {synced} now]",
    EventKind.DEVICE_LINK_MADE: "Made a link to add another device",
    EventKind.RECOVERY_CODES_MADE: "Made recovery codes",
    EventKind.RECOVERY_CODES_PROVEN: "Typed a recovery code back, so the codes are kept somewhere",
    EventKind.RECOVERY_CODE_USED: "Signed in by a recovery code, which is spent now",
    EventKind.AUTHENTICATOR_APP_BOUND: "Set up an authenticator app, and typed a code that it showed",
    EventKind.AUTHENTICATOR_APP_PROVEN: "Used the authenticator app on another day, which proves that it works",
    EventKind.AUTHENTICATOR_APP_REMOVED: "An authenticator app was removed",
    EventKind.POLICY_CHANGED: "The rules by which the account is moved have changed",
    EventKind.HELD: "The journey stands still: the cohort is paused or given up, or retiring is stopped",
    EventKind.RELEASED: "The journey goes on, as its cohort does, or retiring for everybody",
    EventKind.NUDGED: "A reminder[ {milestone}] was written[, number {ordinal}][, to go by {channel}]",
    EventKind.NUDGE_CAPPED: "A reminder waits: this contact has had enough of them lately",
    EventKind.NUDGE_HELD_BACK: "A reminder was not sent after all[: {reason}]",
    EventKind.END_TOLD: "The end date of text-message codes was told[: {ends_at}]",
    EventKind.STUCK: "The journey gets no further by itself[: {reason}]",
    EventKind.NOTICE_GIVEN: "The notice that text-message codes will end was written",
    EventKind.NOTICE_MISSED: "The notice that text-message codes will end has arrived nowhere",
    EventKind.SMS_SUSPENDED: "Text-message codes were switched off, and can be switched on again",
    EventKind.SMS_RESTORED: "Text-message codes were switched on again[: {reason}]",
    EventKind.SMS_REMOVED: "Text-message codes were switched off for good",
    EventKind.CHECK_UP_ASKED: "An invitation to look through the ways in was written[, to go by {channel}]",
    EventKind.CHECK_UP_DONE: "Looked through the ways in, to the end",
    EventKind.MESSAGE_SENT: "The {template} was sent[ by {channel}]",
    EventKind.MESSAGE_FAILED: "The {template} could not be sent[ by {channel}][ ({reason})]",
    EventKind.MESSAGE_SKIPPED: "The {template} was not sent[ by {channel}] after all[: {reason}]",
    EventKind.MESSAGE_UNKNOWN: "The {template} may or may not have been sent[ by {channel}]",
    EventKind.MESSAGE_DELIVERED: "The {template} arrived[ by {channel}]",
    EventKind.MESSAGE_WITHHELD: "The {template} was not carried[ by {channel}][ ({reason})]; no contact is to blame",
    EventKind.MESSAGE_BLOCKED: "The {template} was sent[ by {channel}], and refused this time[ ({reason})]",
    EventKind.MESSAGE_BOUNCED: "The {template} was sent[ by {channel}], and came back[ ({reason})]",
    EventKind.MESSAGE_UNDELIVERABLE: "The {template} was sent[ by {channel}], and found nobody[ ({reason})]",
    EventKind.MESSAGE_UNSUBSCRIBED: "Told the provider of the messages: no more reminders[ by {channel}]",
    EventKind.MESSAGE_SPAM_REPORTED: "Reported the {template} as spam",
    EventKind.CONTACT_WORKS_AGAIN: "Reminders go[ by {channel}] again",
    EventKind.REMINDERS_STOPPED: "Asked for no more reminders[ by {channel}]",
    EventKind.TEXTS_STOPPED: "Answered STOP: no text reaches them, a code neither, until they answer START",
    EventKind.OBJECTED: "Said “This wasn’t me” to the {template}",
    EventKind.OBJECTION_SETTLED: "The objection was settled[: {outcome}]",
    EventKind.SUPPORT_CASE: "Support was asked for help[: {reason}]",
    EventKind.NOTED: "Support noted[: {reason}]",
    EventKind.SENT_AGAIN: "Support sent the {template} again[, by {channel}][: {reason}]",
    EventKind.PAUSED: "Support paused the journey[ for {days}][: {reason}]",
    EventKind.RESUMED: "Support let the journey go on[: {reason}]",
    EventKind.EXTENDED: "Support gave[ {days}] more time[: {reason}]",
    EventKind.EXTENSION_ENDED: "Support took the extra time back[: {reason}]",
    EventKind.EXEMPTED: "Support exempted the person[ for {days}][, {rest}][: {reason}]",
    EventKind.EXEMPTION_RENEWED: "Support renewed the exemption[ for {days}][, {rest}][: {reason}]",
    EventKind.EXEMPTION_REVIEWED: "Support looked at the exemption, and it stays[: {reason}]",
    EventKind.EXEMPTION_ENDED: "The exemption was ended[: {reason}]",
    EventKind.EXEMPTION_EXPIRED: "The exemption came to its last day",
    EventKind.CONTACT_MARKED_WRONG: "Support marked the {contact} as wrong[: {reason}]",
    EventKind.RESCUE_ASKED: "Support asked for a rescue pass[: {reason}]",
    EventKind.RESCUE_APPROVED: "A second member of support approved the rescue pass",
    EventKind.RESCUE_STOPPED: "The rescue pass was stopped[: {reason}]",
    EventKind.HOST_ASKED: "The service was asked about text-message codes in its own system[: to {change} them]",
    EventKind.SIM_ASKED_AGAIN: "The carrier is going to be asked again about the SIM[, through {source}]",
    EventKind.SIM_CHECKED: "The carrier was asked whether the SIM was swapped[: {answer}][ ({reason})]",
    EventKind.HOST_ASKED: "The service was asked about text-message codes in its own system[: to {change} them]",
    EventKind.HOST_CONFIRMED: "The service has done what it was asked[: to {change} text-message codes]",
    EventKind.HOST_REFUSED: "The service refused what it was asked[: to {change} text-message codes][: {reason}]",
    EventKind.HOST_DIFFERS: "The service says something else of text-message codes[: {host} there, {offramp} here]",
    EventKind.HOST_ASKED_ANEW: "Support let the service be asked again[: {reason}]",
    EventKind.RESCUE_SHOWN: "The code of the rescue pass was shown to the member who had asked",
    EventKind.TICKET_OPENED: "The service’s support opened a ticket[: {ticket_id}]",
    EventKind.TICKET_CLOSED: "The service’s support closed a ticket[: {ticket_id}]",
    EventKind.CREDENTIAL_CHANGED: "The service told that a credential there was changed[: {credential}][, {change}]",
    EventKind.CONTACT_DISOWNED: "The service told that the {contact} is this person’s no longer[: {reason}]",
    EventKind.SESSIONS_ENDED: "The service ended the person’s sessions, so those here ended too",
    EventKind.DATA_EXPORTED: "All that is kept about the person was written out for them",
    EventKind.RESCUED: "Came in by the rescue pass, to make a new passkey",
    EventKind.RECOVERY_PROVEN: "Showed something to get back in[ (request {number})][: {proof}]",
    EventKind.RECOVERY_ASKED: "Asked to get back in[ (request {number})][; it opens after {hours} h]",
    EventKind.RECOVERY_HASTENED: "Let the request to get back in[ ({number})] open at once, by an established passkey",
    EventKind.RECOVERY_OPENED: "The way back in was sent[ (request {number})]",
    EventKind.RECOVERY_STOPPED: "The request to get back in[ ({number})] was stopped[: {reason}]",
    EventKind.RECOVERY_LAPSED: "Nothing came of the request to get back in[ ({number})]",
    EventKind.RECOVERED: "Got back in[ by request {number}], with a new passkey",
}
"""The sentence of each kind. Words in braces come from an entry's detail; a part in brackets needs all its words."""

_NAMES: Mapping[str, Mapping[str, str]] = {
    "template": MESSAGES,
    "channel": CHANNELS,
    "contact": CONTACTS,
    "method": METHODS,
    "ceremony": CEREMONIES,
    "platform": {"Device": "unknown device"},
    "capable": {"True": "", "False": "on a device that cannot keep passkeys"},
    "shared": {"True": "", "False": "no longer"},
    "lacks": {"sms": "without a phone number that can be used"},
    "synced": {"True": "synced", "False": "no longer synced"},
    "milestone": {
        "email_verified": "to verify the e-mail address",
        "passkey_enrolled": "to create a passkey",
        "passkey_proven": "to sign in with the passkey",
        "second_route_ready": "to set up a second way in",
    },
    "rest": RESTS,
    "outcome": OUTCOMES,
    "answer": SIM_ANSWERS,
    "fields": FIELDS,
    "email_unverified": {"True": "the new e-mail address has to be verified"},
    "reason": REASONS,
    "days": {"1": "1 day"},
}
_UNNAMED = {"template": "message", "contact": "contact", "ceremony": "Using a passkey"}
"""Words for the fields that old entries lack and their sentences need."""

_OPTIONAL = re.compile(r"\[([^\]]*)\]")
_IN_BRACES = re.compile(r"\{(\w+)\}")


def sentence(kind: EventKind, detail: Mapping[str, Any]) -> str:
    """One entry as a person would tell it."""
    fields = {"contact": detail.get("channel"), **detail}
    words = {name: _word(name, value) for name, value in fields.items() if value not in (None, "", [])}
    words = _UNNAMED | {name: word for name, word in words.items() if word}
    text = _OPTIONAL.sub(lambda part: part[1] if _tells(words, part[1]) else "", SENTENCES[kind])
    return f"{capital(text.format_map(words)).rstrip('.')}."


def _tells(words: Mapping[str, str], part: str) -> bool:
    return all(name in words for name in _IN_BRACES.findall(part))


def _word(name: str, value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(_word(name, part) for part in value)
    text = str(value)
    if name == "days" and text != "1":
        return f"{text} days"
    if name == "name":
        return exception(text)
    label = _NAMES.get(name, {}).get(text)
    return label if label is not None else spelled_out(text)
