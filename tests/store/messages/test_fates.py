"""Providers tell what became of messages late, often and in any order; what counts is the last word."""

import itertools
from collections import Counter
from datetime import datetime, timedelta

import pytest

from domain.facts import Channel
from domain.journal import EventKind
from domain.messages.messages import SEND_TIMEOUT, Fate, MessageState, Purpose, Template
from store import Database, Session
from store.journeys import facts
from store.messages import contact_faults, fates, messages
from store.messages.fates import Noted
from store.messages.messages import ClaimOutcome, Message, NewMessage
from store.people import accounts, journal
from tests.clocks import START
from tests.store.racing import at_once

KEY = "a letter"
WEEK = timedelta(days=7)
MOMENT = timedelta(minutes=1)
TOLD = START + MOMENT
KINDS = {
    Fate.DELIVERED: EventKind.MESSAGE_DELIVERED,
    Fate.BLOCKED: EventKind.MESSAGE_BLOCKED,
    Fate.BOUNCED: EventKind.MESSAGE_BOUNCED,
    Fate.UNDELIVERABLE: EventKind.MESSAGE_UNDELIVERABLE,
    Fate.UNSUBSCRIBED: EventKind.MESSAGE_UNSUBSCRIBED,
    Fate.SPAM_REPORTED: EventKind.MESSAGE_SPAM_REPORTED,
    Fate.WITHHELD: EventKind.MESSAGE_WITHHELD,
    Fate.STOPPED: EventKind.MESSAGE_UNSUBSCRIBED,
}


def queue(session: Session, account_id: str | None, key: str = KEY, recipient: str | None = None) -> None:
    recipient = recipient or accounts.get(session, account_id or "").email or ""
    new = NewMessage(
        key=key,
        account_id=account_id,
        purpose=Purpose.NOTICE,
        template=Template.PASSKEY_BOUND,
        channel=Channel.EMAIL,
        recipient=recipient,
        locale="en",
    )
    messages.add(session, new, at=START)


def sending(database: Database, account_id: str, key: str = KEY) -> Message:
    """A message that its sender has in hand."""
    with database.transaction() as session:
        queue(session, account_id, key)
        claim, message = messages.claim(session, key, now=START)
    assert claim is ClaimOutcome.GRANTED
    assert message
    return message


def sent(database: Database, account_id: str, key: str = KEY) -> None:
    message = sending(database, account_id, key)
    with database.transaction() as session:
        messages.settle(session, message, MessageState.SENT, at=START)


def note(database: Database, fate: Fate, *, key: str = KEY, at: datetime = TOLD) -> Noted:
    with database.transaction() as session:
        return fates.note(session, key, fate, reason="a_reason", at=at)


def kept(database: Database, key: str = KEY) -> Message:
    with database.reading() as session:
        message = messages.find(session, key)
    assert message
    return message


def journal_of(database: Database, account_id: str) -> Counter[str]:
    with database.reading() as session:
        return Counter(entry.kind for entry in journal.of_account(session, account_id))


def is_told(database: Database, account_id: str) -> bool:
    """Whether the journey is to hear of what happened."""
    with database.transaction() as session:
        return account_id in journal.claim_unpublished(session, now=TOLD, limit=10)


def channels(database: Database, account_id: str) -> tuple[Channel, ...]:
    with database.reading() as session:
        return facts.read(session, account_id).channels


@pytest.mark.parametrize("fate", Fate)
def test_what_became_of_a_message_is_kept_and_journaled(
    database: Database, account_id: str, fate: Fate
) -> None:
    sent(database, account_id)
    assert note(database, fate) is Noted.NEWS
    message = kept(database)
    assert (message.state, message.fate, message.fate_at) == (MessageState.SENT, fate, TOLD)
    with database.reading() as session:
        entry = journal.of_account(session, account_id)[-1]
    assert (entry.kind, entry.at) == (KINDS[fate], TOLD)
    detail = {"key": KEY, "template": "passkey_bound", "channel": "email", "reason": "a_reason"}
    assert entry.detail == detail | ({"country": ""} if fate is Fate.WITHHELD else {})


@pytest.mark.parametrize("fate", Fate)
def test_only_what_does_not_arrive_is_told_to_the_journey(
    database: Database, account_id: str, fate: Fate
) -> None:
    sent(database, account_id)
    note(database, fate)
    assert is_told(database, account_id) is (fate is not Fate.DELIVERED)
    assert (Channel.EMAIL in channels(database, account_id)) is (fate is Fate.DELIVERED)


@pytest.mark.parametrize("fate", Fate)
def test_the_same_word_again_changes_nothing(database: Database, account_id: str, fate: Fate) -> None:
    sent(database, account_id)
    note(database, fate)
    before = journal_of(database, account_id)
    assert note(database, fate, at=TOLD + MOMENT) is Noted.KNOWN
    assert journal_of(database, account_id) == before
    assert kept(database).fate_at == TOLD


def test_the_same_word_by_many_callbacks_at_once_is_heard_once(database: Database, account_id: str) -> None:
    sent(database, account_id)
    answers = Counter(at_once(lambda: note(database, Fate.BOUNCED)))
    assert answers == {Noted.NEWS: 1, Noted.KNOWN: 7}
    assert journal_of(database, account_id)[EventKind.MESSAGE_BOUNCED] == 1


@pytest.mark.parametrize(
    "order", [*itertools.permutations([Fate.DELIVERED, Fate.BOUNCED, Fate.UNSUBSCRIBED])]
)
def test_in_whatever_order_the_words_come_the_last_one_stands(
    database: Database, account_id: str, order: tuple[Fate, ...]
) -> None:
    sent(database, account_id)
    for fate in order:
        note(database, fate)
    assert kept(database).fate == Fate.UNSUBSCRIBED
    assert channels(database, account_id) == (Channel.SMS,)


def test_a_key_that_nobody_knows_is_only_counted(database: Database) -> None:
    assert note(database, Fate.DELIVERED, key="somebody else's") is Noted.NO_SUCH_MESSAGE


def test_a_letter_to_an_operator_has_a_fate_but_no_account_to_tell(database: Database) -> None:
    with database.transaction() as session:
        queue(session, None, recipient="operator@example.org")
    assert note(database, Fate.BOUNCED) is Noted.NEWS
    assert note(database, Fate.BOUNCED) is Noted.KNOWN
    assert kept(database).fate == Fate.BOUNCED


def test_a_word_that_comes_while_the_message_is_being_sent_is_kept(
    database: Database, account_id: str
) -> None:
    in_hand = sending(database, account_id)
    assert note(database, Fate.DELIVERED) is Noted.NEWS
    assert kept(database).state == MessageState.SENDING
    with database.transaction() as session:
        messages.settle(session, in_hand, MessageState.SENT, at=TOLD, provider_id="provider-1")
    message = kept(database)
    assert (message.state, message.fate, message.provider_id) == (
        MessageState.SENT,
        Fate.DELIVERED,
        "provider-1",
    )


def test_a_message_of_unknown_end_was_sent_if_its_provider_tells_of_it_later(
    database: Database, account_id: str
) -> None:
    in_hand = sending(database, account_id)
    with database.transaction() as session:
        messages.settle(session, in_hand, MessageState.UNKNOWN, at=START, reason="sender_lost")
    assert kept(database).is_missed
    note(database, Fate.DELIVERED)
    assert kept(database).state == MessageState.SENT
    assert not kept(database).is_missed


def test_a_message_whose_sender_died_was_sent_if_its_provider_has_told_of_it_before(
    database: Database, account_id: str
) -> None:
    sending(database, account_id)
    note(database, Fate.DELIVERED)
    with database.transaction() as session:
        messages.claim(session, KEY, now=START + SEND_TIMEOUT)
    message = kept(database)
    assert (message.state, message.reason, message.is_missed) == (MessageState.SENT, None, False)
    assert journal_of(database, account_id)[EventKind.MESSAGE_UNKNOWN] == 0


def test_something_that_arrives_says_once_that_a_broken_contact_works_again(
    database: Database, account_id: str
) -> None:
    for key in ("first", "second", "third"):
        sent(database, account_id, key)
    note(database, Fate.BOUNCED, key="first")
    note(database, Fate.DELIVERED, key="second", at=TOLD + MOMENT)
    note(database, Fate.DELIVERED, key="third", at=TOLD + MOMENT)
    assert channels(database, account_id) == (Channel.EMAIL, Channel.SMS)
    assert journal_of(database, account_id)[EventKind.CONTACT_WORKS_AGAIN] == 1


@pytest.mark.parametrize("late", [Fate.DELIVERED, Fate.BOUNCED])
def test_the_late_word_of_an_earlier_letter_does_not_undo_what_a_later_one_has_told(
    database: Database, account_id: str, late: Fate
) -> None:
    for key in ("earlier", "later"):
        sent(database, account_id, key)
    opposite = Fate.BOUNCED if late is Fate.DELIVERED else Fate.DELIVERED
    note(database, opposite, key="later", at=TOLD + MOMENT)
    note(database, late, key="earlier", at=TOLD)
    assert (Channel.EMAIL in channels(database, account_id)) is (opposite is Fate.DELIVERED)


def test_a_letter_to_a_former_address_says_nothing_of_the_present_one(
    database: Database, account_id: str
) -> None:
    sent(database, account_id)
    with database.transaction() as session:
        accounts.lock(session, account_id).email = "present@example.org"
    note(database, Fate.UNDELIVERABLE)
    assert channels(database, account_id) == (Channel.EMAIL, Channel.SMS)
    with database.reading() as session:
        assert contact_faults.of_accounts(session, [account_id]) == {}
