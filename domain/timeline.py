"""The journal in plain sentences: one for every kind of entry."""

from collections.abc import Mapping
from typing import Any

from domain.journal import EventKind

SENTENCES = {
    EventKind.ACCOUNT_IMPORTED: "The service told of this account for the first time",
    EventKind.ACCOUNT_CHANGED: "The service told of a change: {fields}",
    EventKind.JOURNEY_STARTED: "The way to passkeys began",
    EventKind.JOURNEY_ENDED: "The way to passkeys ended: {outcome}",
    EventKind.SIGNED_IN: "Signed in by {method}",
    EventKind.SIGN_IN_FAILED: "Somebody tried to sign in and could not: {reason}",
    EventKind.SIGNED_OUT: "Signed out",
    EventKind.PASSKEY_SIGNED_IN: "Signed in by passkey",
    EventKind.PASSKEY_PROVEN: "Signed in by passkey, which proves that it works",
    EventKind.CEREMONY_FAILED: "The passkey's {ceremony} failed on {platform}: {name}",
    EventKind.PROMPT_SEEN: "Saw the set-up for the first time",
    EventKind.PROMPT_SKIPPED: "Chose “Remind me later”",
    EventKind.CANNOT_NOW: "Said “I can’t do this now”: {reason}",
    EventKind.EMAIL_VERIFIED: "Verified the e-mail address",
    EventKind.PASSKEY_BOUND: "Created a passkey",
    EventKind.PASSKEY_RENAMED: "Gave a passkey another name",
    EventKind.PASSKEY_REMOVED: "A passkey was removed",
    EventKind.PASSKEY_WATCHED: "A passkey's counter did not go up: it may have been copied",
    EventKind.DEVICE_LINK_MADE: "Made a link to add another device",
    EventKind.RECOVERY_CODES_MADE: "Made recovery codes",
    EventKind.RECOVERY_CODES_PROVEN: "Typed a recovery code back, so the codes are kept somewhere",
    EventKind.RECOVERY_CODE_USED: "Signed in by a recovery code, which is spent now",
    EventKind.POLICY_CHANGED: "The rules by which the account is moved have changed",
    EventKind.HELD: "Held: the cohort is paused or given up",
    EventKind.RELEASED: "Released: the cohort goes on",
    EventKind.NUDGED: "A reminder was written, number {ordinal}",
    EventKind.NUDGE_CAPPED: "A reminder waits: this contact has had enough of them lately",
    EventKind.NUDGE_HELD_BACK: "A reminder was not sent after all: {reason}",
    EventKind.STUCK: "No progress, and no more reminders: {reason}",
    EventKind.NOTICE_GIVEN: "Was told when text-message codes will be switched off",
    EventKind.NOTICE_MISSED: "The notice that text-message codes end has arrived nowhere",
    EventKind.SMS_SUSPENDED: "Text-message codes were switched off, and can be switched on again",
    EventKind.SMS_RESTORED: "Text-message codes were switched on again: {reason}",
    EventKind.SMS_REMOVED: "Text-message codes were switched off for good",
    EventKind.MESSAGE_SENT: "Sent by {channel}: {template}",
    EventKind.MESSAGE_FAILED: "Could not be sent by {channel}: {template}, {reason}",
    EventKind.MESSAGE_SKIPPED: "No longer worth sending by {channel}: {template}, {reason}",
    EventKind.MESSAGE_UNKNOWN: "May or may not have been sent by {channel}: {template}",
    EventKind.MESSAGE_DELIVERED: "Arrived by {channel}: {template}",
    EventKind.MESSAGE_BLOCKED: "Was refused by {channel} this time: {template}, {reason}",
    EventKind.MESSAGE_BOUNCED: "Came back by {channel}: {template}, {reason}",
    EventKind.MESSAGE_UNDELIVERABLE: "Found nobody by {channel}: {template}, {reason}",
    EventKind.MESSAGE_UNSUBSCRIBED: "Asked the provider for no more reminders by {channel}",
    EventKind.MESSAGE_SPAM_REPORTED: "Reported a message as spam: {template}",
    EventKind.CONTACT_WORKS_AGAIN: "Messages by {channel} arrive again",
    EventKind.REMINDERS_STOPPED: "Asked for no more reminders by {channel}",
    EventKind.OBJECTED: "Said of a notice: “This wasn’t me”: {template}",
    EventKind.OBJECTION_SETTLED: "The objection was settled: {outcome}",
    EventKind.SUPPORT_CASE: "Asked support for help: {reason}",
    EventKind.NOTED: "Support noted: {reason}",
    EventKind.SENT_AGAIN: "Support sent a message again, by {channel}: {reason}",
    EventKind.PAUSED: "Support paused the journey for {days} days: {reason}",
    EventKind.RESUMED: "Support let the journey go on: {reason}",
    EventKind.EXTENDED: "Support gave {days} days more: {reason}",
    EventKind.EXTENSION_ENDED: "Support took the extension back: {reason}",
    EventKind.EXEMPTED: "Exempted for {days} days, {rest}: {reason}",
    EventKind.EXEMPTION_ENDED: "The exemption was ended: {reason}",
    EventKind.CONTACT_MARKED_WRONG: "Support marked the contact for {channel} as wrong: {reason}",
    EventKind.RESCUE_ASKED: "Support asked for a rescue pass: {reason}",
    EventKind.RESCUE_APPROVED: "A second member of support approved the rescue pass",
    EventKind.RESCUE_STOPPED: "The rescue pass was stopped: {reason}",
    EventKind.RESCUE_SHOWN: "The code of the rescue pass was shown to the member who had asked",
    EventKind.RESCUED: "Came in by the rescue pass, to make a new passkey",
}
"""What each kind of entry says; words in braces are taken from its detail."""


class _Words(dict[str, str]):
    """The words of one entry; an old one may lack some."""

    def __missing__(self, name: str) -> str:
        return "not on record"


def sentence(kind: EventKind, detail: Mapping[str, Any]) -> str:
    """One entry as a person would tell it."""
    words = _Words({name: _word(value) for name, value in detail.items() if value not in (None, "", [])})
    return f"{SENTENCES[kind].format_map(words)}."


def _word(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(_word(one) for one in value)
    return str(value).replace("_", " ")
