"""What is asked or done about one message, contact or account leaves those beside it alone."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import select

from domain.facts import Channel
from domain.journal import Actor, EventKind
from domain.messages.messages import Fate, MessageState, Purpose, Template
from domain.safety.contact_keys import contact_key
from store import Database
from store.messages import contact_faults, deletions, messages, provider_ids, reminders, withheld
from store.messages.contact_faults import ContactFault
from store.messages.message_rows import Message
from store.messages.messages import NewMessage
from store.messages.provider_ids import MAILED_WITHIN
from store.messages.withheld import LATELY, Withheld
from store.people import accounts, journal
from tests.clocks import START
from tests.factories import make_account

SECOND = timedelta(seconds=1)
PHONE, OTHER_PHONE = "+4915100000001", "+4915100000002"
ADDRESS = "ada@example.org"


@pytest.fixture
def other_id(database: Database) -> str:
    with database.transaction() as session:
        return make_account(session, phone=OTHER_PHONE).account_id


def keep(database: Database, new: NewMessage, key: str, *, at: datetime = START, **row: Any) -> str:
    """Keep a message of this key whose row has these values."""
    with database.transaction() as session:
        messages.add(session, replace(new, key=key), at=at)
        message = messages.lock(session, key)
        assert message is not None
        for name, value in row.items():
            setattr(message, name, value)
        session.add(message)
    return key


def kept(database: Database, key: str) -> Message:
    with database.reading() as session:
        message = messages.find(session, key)
    assert message is not None
    return message


ARRIVED: dict[str, Any] = {"fate": Fate.DELIVERED, "fate_at": START + SECOND}


@pytest.mark.parametrize(
    ("differs", "expected"),
    [
        ({}, True),
        ({"channel": Channel.EMAIL}, False),
        ({"recipient_key": contact_key(OTHER_PHONE)}, False),
        ({"fate": Fate.BOUNCED}, False),
        ({"fate": None}, False),
        ({"fate_at": START}, False),
    ],
)
def test_another_message_that_arrived_at_the_same_contact_since_tells_that_it_works(
    database: Database, new: NewMessage, differs: dict[str, Any], expected: bool
) -> None:
    bounced = keep(database, new, "bounced", fate=Fate.BOUNCED, fate_at=START)
    keep(database, new, "later", **(ARRIVED | differs))
    with database.reading() as session:
        message = kept(database, bounced)
        assert messages.arrived_after(session, message, at=START) == expected


def test_what_arrived_at_somebody_elses_account_tells_nothing_of_this_one(
    database: Database, new: NewMessage, other_id: str
) -> None:
    bounced = keep(database, new, "bounced")
    keep(database, replace(new, account_id=other_id), "theirs", **ARRIVED)
    with database.reading() as session:
        assert not messages.arrived_after(session, kept(database, bounced), at=START)


def test_a_number_is_forgotten_in_the_settled_texts_of_its_account_alone(
    database: Database, new: NewMessage, account_id: str, other_id: str
) -> None:
    settled = keep(database, new, "settled", settled_at=START)
    left = [
        keep(database, new, "under way", settled_at=None),
        keep(database, new, "e-mail", channel=Channel.EMAIL, settled_at=START),
        keep(database, replace(new, account_id=other_id), "theirs", settled_at=START),
    ]
    with database.transaction() as session:
        messages.forget_phone(session, account_id)
    assert (kept(database, settled).recipient, kept(database, settled).recipient_key) == ("", "")
    assert [(kept(database, key).recipient, kept(database, key).recipient_key) for key in left] == [
        (PHONE, contact_key(PHONE))
    ] * 3


def test_a_deleted_accounts_messages_are_dropped_and_blanked_and_nobody_elses(
    database: Database, new: NewMessage, account_id: str, other_id: str
) -> None:
    waits = keep(database, new, "waits")
    handed = keep(database, new, "handed", state=MessageState.HANDED)
    sending = keep(database, new, "sending", state=MessageState.SENDING, claimed_at=START)
    sent = keep(database, new, "sent", state=MessageState.SENT, settled_at=START, short_code="code1")
    theirs = keep(database, replace(new, account_id=other_id), "theirs", short_code="code2")
    with database.transaction() as session:
        for each, phone in ((account_id, PHONE), (other_id, OTHER_PHONE)):
            contact_faults.note(
                session, each, Channel.SMS, contact=phone, fate=Fate.BLOCKED, reason="twilio", at=START
            )
        deletions.forget_messages(session, account_id, at=START + SECOND)
    assert [(kept(database, key).state, kept(database, key).reason) for key in (waits, handed)] == [
        (MessageState.SKIPPED, "account_deleted")
    ] * 2
    assert [kept(database, key).state for key in (sending, sent, theirs)] == ["sending", "sent", "queued"]
    for key in (waits, handed, sending, sent):
        message = kept(database, key)
        assert (message.recipient, message.recipient_key, message.values) == ("", "", {})
        assert (message.short_code, message.sealed) == (None, None)
    message = kept(database, theirs)
    assert (message.recipient, message.values, message.short_code) == (PHONE, {"minutes": "10"}, "code2")
    assert message.sealed == b"sealed"
    with database.reading() as session:
        assert session.exec(select(ContactFault.account_id)).all() == [other_id]


def test_a_message_is_found_by_what_its_provider_calls_it(database: Database, new: NewMessage) -> None:
    keep(database, new, "unnamed")
    keep(database, new, "first", provider_id="sg-1")
    keep(database, new, "second", provider_id="sg-2")
    with database.reading() as session:
        assert provider_ids.name_of(session, ["unheard of", "sg-2"]) == "second"
        assert provider_ids.name_of(session, ["unheard of"]) is None
        assert provider_ids.name_of(session, []) is None


@pytest.mark.parametrize(
    ("differs", "at", "is_found"),
    [
        ({}, START, True),
        ({}, START + MAILED_WITHIN - SECOND, True),
        ({}, START + MAILED_WITHIN, False),
        ({}, START - SECOND, False),
        ({"channel": Channel.SMS}, START, False),
        ({"state": MessageState.QUEUED}, START, False),
        ({"recipient_key": contact_key("bob@example.org")}, START, False),
    ],
)
def test_a_late_bounce_is_about_the_e_mail_that_went_to_its_address_last(
    database: Database, new: NewMessage, differs: dict[str, Any], at: datetime, is_found: bool
) -> None:
    letter = replace(new, channel=Channel.EMAIL, recipient=ADDRESS)
    keep(database, letter, "letter", **({"state": MessageState.SENT} | differs))
    with database.reading() as session:
        assert provider_ids.latest_mailed_to(session, ADDRESS, at=at) == ("letter" if is_found else None)


def test_of_two_e_mails_to_one_address_the_later_is_the_last(database: Database, new: NewMessage) -> None:
    letter = replace(new, channel=Channel.EMAIL, recipient=ADDRESS)
    for number in (2, 1, 3):
        key = f"letter {number}"
        keep(database, letter, key, at=START + number * SECOND, state=MessageState.SENT)
    with database.reading() as session:
        for seconds, expected in ((1, "letter 1"), (2, "letter 2"), (60, "letter 3")):
            at = START + seconds * SECOND
            assert provider_ids.latest_mailed_to(session, ADDRESS, at=at) == expected


def test_what_was_withheld_lately_is_counted_by_reason_and_country_the_most_frequent_first(
    database: Database, account_id: str
) -> None:
    now = START + timedelta(days=2)

    def note(
        reason: str, country: str | None, at: datetime, kind: EventKind = EventKind.MESSAGE_WITHHELD
    ) -> None:
        with database.transaction() as session:
            journal.append(
                session, account_id, kind, at=at, actor=Actor.SYSTEM, reason=reason, country=country
            )

    for reason, country, times in (
        ("30034", "US", 1),
        ("30004", "DE", 3),
        ("30004", "FR", 1),
        ("30003", None, 1),
    ):
        for _ in range(times):
            note(reason, country, now - LATELY + SECOND)
    note("30004", "DE", now - LATELY)
    note("30004", "DE", now, EventKind.MESSAGE_BLOCKED)
    with database.reading() as session:
        assert withheld.lately(session, at=now) == [
            Withheld(reason="30004", country="DE", times=3),
            Withheld(reason="30003", country="", times=1),
            Withheld(reason="30004", country="FR", times=1),
            Withheld(reason="30034", country="US", times=1),
        ]


def test_reminders_end_and_begin_by_one_channel_of_one_account(
    database: Database, new: NewMessage, account_id: str, other_id: str
) -> None:
    nudge = replace(new, purpose=Purpose.NUDGE, template=Template.NUDGE_PASSKEY_ENROLLED)
    with database.transaction() as session:
        phone = accounts.get(session, account_id).phone or ""
    key = keep(database, replace(nudge, recipient=phone), "nudge")
    with database.transaction() as session:
        assert reminders.stop(session, key, reason="link", at=START)
        assert not reminders.stop(session, key, reason="link", at=START + SECOND)
        assert list(reminders.stopped(session, account_id)) == [Channel.SMS]
        assert reminders.stopped(session, other_id) == {}
        assert not reminders.resume(session, account_id, Channel.EMAIL, at=START + SECOND)
        assert reminders.resume(session, account_id, Channel.SMS, at=START + SECOND)
        assert not reminders.resume(session, account_id, Channel.SMS, at=START + SECOND)
        assert reminders.stopped(session, account_id) == {}
    with database.reading() as session:
        kinds = [entry.kind for entry in journal.of_account(session, account_id)]
    assert kinds == [EventKind.REMINDERS_STOPPED, EventKind.CONTACT_WORKS_AGAIN]
