"""Every entry of the journal can be told in a sentence, in words that nobody has to look up."""

from typing import Any

import pytest

from activities.gates import Pointless
from domain.counting import Refusal
from domain.facts import Channel, Method
from domain.journal import EventKind
from domain.journey import StuckReason
from domain.messages.messages import Template
from domain.prompts import CannotReason
from domain.words.names import CHANNELS, CONTACTS, MESSAGES, METHODS, REASONS, reason
from domain.words.timeline import SENTENCES, sentence
from store.messages.message_facts import HeldBack

CAPABLE = {"capable": True}
TOLD: list[tuple[EventKind, dict[str, Any], str]] = [
    (
        EventKind.MESSAGE_SENT,
        {"channel": "email", "template": "nudge_email_verified", "key": "migration:1", "milliseconds": 40},
        "The reminder to verify the e-mail address was sent by e-mail.",
    ),
    (
        EventKind.MESSAGE_BOUNCED,
        {"channel": "sms", "template": "sms_notice", "reason": "twilio_30003"},
        "The notice that text-message codes will end was sent by text message, and came back (twilio 30003).",
    ),
    (
        EventKind.MESSAGE_SKIPPED,
        {"channel": "email", "template": "nudge_passkey_enrolled", "reason": "reached"},
        "The reminder to create a passkey was not sent by e-mail after all: the person had already done it.",
    ),
    (
        EventKind.NUDGED,
        {"milestone": "second_route_ready", "ordinal": 2, "channel": "email"},
        "A reminder to set up a second way in was written, number 2, to go by e-mail.",
    ),
    (
        EventKind.SENT_AGAIN,
        {"channel": "every_channel", "template": "sms_notice", "reason": "they lost it", "by": "sam"},
        "Support sent the notice that text-message codes will end again, by every channel: they lost it.",
    ),
    (
        EventKind.ACCOUNT_CHANGED,
        {"fields": ["email", "time_zone"], "email_unverified": True},
        "The service told of a change: e-mail address, time zone; the new e-mail address has to be verified.",
    ),
    (
        EventKind.CEREMONY_FAILED,
        {"ceremony": "registration", "name": "NotAllowedError", "platform": "iPhone"},
        "Creating a passkey failed (iPhone): cancelled, or not answered in time.",
    ),
    (
        EventKind.HOST_ASKED,
        {"change": "suspend", "request_id": "r1", "deadline": "2026-03-03T12:00:00+00:00"},
        "The service was asked about text-message codes in its own system: to suspend them.",
    ),
    (EventKind.PROMPT_SEEN, CAPABLE, "Saw the set-up for the first time."),
    (
        EventKind.PROMPT_SEEN,
        {"capable": False},
        "Saw the set-up for the first time, on a device that cannot keep passkeys.",
    ),
    (EventKind.CANNOT_NOW, {"reason": "no_time"}, "Said “I can’t do this now”: no time just now."),
    (
        EventKind.STUCK,
        {"reason": "nudges_used_up"},
        "The journey gets no further by itself: all reminders are used up.",
    ),
    (
        EventKind.OBJECTION_SETTLED,
        {"outcome": "upheld"},
        "The objection was settled: it was not the owner.",
    ),
    (
        EventKind.PAUSED,
        {"days": 1, "reason": "on holiday"},
        "Support paused the journey for 1 day: on holiday.",
    ),
    (
        EventKind.EXEMPTED,
        {"days": 90, "rest": "machine_account", "reason": "a till"},
        "Support exempted the person for 90 days, as a machine's account: a till.",
    ),
    (
        EventKind.CONTACT_MARKED_WRONG,
        {"channel": "sms", "reason": "a stranger answered."},
        "Support marked the phone number as wrong: a stranger answered.",
    ),
    (
        EventKind.CONTACT_SHARED,
        {"channel": "sms", "shared": True},
        "Another account has the same phone number.",
    ),
    (
        EventKind.CONTACT_SHARED,
        {"channel": "sms", "shared": False},
        "Another account has no longer the same phone number.",
    ),
    (
        EventKind.ACCOUNT_IMPORTED,
        {"lacks": "sms"},
        "The service told of this account for the first time, without a phone number that can be used.",
    ),
    (EventKind.NOTED, {"reason": "file_7 {sic} [x]"}, "Support noted: file_7 {sic} [x]."),
]


def test_every_kind_has_a_sentence() -> None:
    assert set(SENTENCES) == set(EventKind)


def test_every_message_channel_and_method_has_a_name() -> None:
    assert set(MESSAGES) == set(Template)
    assert set(Channel) <= set(CHANNELS)
    assert set(Channel) == set(CONTACTS)
    assert set(METHODS) == set(Method)


@pytest.mark.parametrize("reasons", [CannotReason, StuckReason, HeldBack, Pointless, Refusal])
def test_every_reason_on_record_has_words(reasons: Any) -> None:
    assert set(reasons) <= set(REASONS)
    assert not any("_" in reason(word) for word in reasons)


@pytest.mark.parametrize("kind", EventKind)
def test_an_entry_without_detail_can_be_told(kind: EventKind) -> None:
    said = sentence(kind, {})
    assert said.endswith(".")
    assert not set("{}[]_") & set(said)


@pytest.mark.parametrize("template", Template)
@pytest.mark.parametrize("kind", [kind for kind in EventKind if "{template}" in SENTENCES[kind]])
def test_messages_are_told_by_what_they_are(kind: EventKind, template: Template) -> None:
    assert f"the {MESSAGES[template]}" in sentence(kind, {"template": template}).replace("The", "the")


@pytest.mark.parametrize(("kind", "detail", "said"), TOLD)
def test_an_entry_reads_like_a_sentence(kind: EventKind, detail: dict[str, Any], said: str) -> None:
    assert sentence(kind, detail) == said
