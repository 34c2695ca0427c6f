"""A message is said once: one key, one sender, one record of what became of it."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from domain.facts import Milestone
from domain.journal import EventKind
from domain.messages.messages import SEND_TIMEOUT, MessageState, Queue
from store import Database
from store.messages import hand_overs, messages
from store.messages.messages import ClaimOutcome, Message, NewMessage
from store.people import journal
from tests.clocks import START
from tests.store.racing import at_once

LOST = START + SEND_TIMEOUT
KEY = "an account:sign_in_code:1"


def add(database: Database, new: NewMessage, *, at: datetime = START) -> bool:
    with database.transaction() as session:
        return messages.add(session, new, at=at)


def claim(
    database: Database, *, now: datetime = START, key: str = KEY
) -> tuple[ClaimOutcome, Message | None]:
    with database.transaction() as session:
        return messages.claim(session, key, now=now)


def granted(database: Database, *, now: datetime = START) -> Message:
    claimed, message = claim(database, now=now)
    assert claimed is ClaimOutcome.GRANTED
    assert message is not None
    return message


def settle(
    database: Database,
    message: Message,
    state: MessageState,
    *,
    at: datetime = START,
    provider_id: str | None = None,
) -> None:
    with database.transaction() as session:
        messages.settle(session, message, state, at=at, provider_id=provider_id)


def release(database: Database, message: Message) -> None:
    with database.transaction() as session:
        messages.release(session, message)


def kept(database: Database, key: str = KEY) -> Message:
    with database.reading() as session:
        message = messages.find(session, key)
    assert message is not None
    return message


def outcomes(database: Database, account_id: str | None) -> list[str]:
    assert account_id
    with database.reading() as session:
        return [entry.kind for entry in journal.of_account(session, account_id)]


def test_a_message_is_kept_as_it_was_said(database: Database, new: NewMessage) -> None:
    assert add(database, new)
    message = kept(database)
    assert (message.state, message.created_at) == (MessageState.QUEUED, START)
    assert (message.values, message.sealed, message.locale) == ({"minutes": "10"}, b"sealed", "de")
    assert (message.recipient, message.expires_at) == (new.recipient, new.expires_at)
    assert message.queue is Queue.NOW


def test_saying_a_thing_twice_says_it_once(database: Database, new: NewMessage) -> None:
    assert add(database, new)
    assert not add(database, replace(new, recipient="+4915100000002"))
    assert kept(database).recipient == new.recipient


def test_many_who_say_the_same_thing_at_once_say_it_once(database: Database, new: NewMessage) -> None:
    assert sorted(at_once(lambda: add(database, new))) == [False] * 7 + [True]


def test_of_several_senders_one_is_granted_the_message(database: Database, new: NewMessage) -> None:
    add(database, new)
    answers = [answer for answer, _ in at_once(lambda: claim(database))]
    assert sorted(answers) == sorted([ClaimOutcome.GRANTED] + [ClaimOutcome.TAKEN] * 7)


def test_a_message_that_temporal_has_can_be_claimed_as_well(database: Database, new: NewMessage) -> None:
    add(database, new)
    with database.transaction() as session:
        hand_overs.mark_handed(session, [KEY], at=START)
    assert kept(database).state == MessageState.HANDED
    assert granted(database).state == MessageState.SENDING


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        (MessageState.SENT, EventKind.MESSAGE_SENT),
        (MessageState.FAILED, EventKind.MESSAGE_FAILED),
        (MessageState.SKIPPED, EventKind.MESSAGE_SKIPPED),
        (MessageState.UNKNOWN, EventKind.MESSAGE_UNKNOWN),
    ],
)
def test_what_became_of_a_message_is_recorded_and_its_secret_is_forgotten(
    database: Database, new: NewMessage, state: MessageState, kind: EventKind
) -> None:
    add(database, new)
    settle(database, granted(database), state, provider_id="provider-1")
    message = kept(database)
    assert (message.state, message.settled_at, message.provider_id) == (state, START, "provider-1")
    assert message.sealed is None
    assert outcomes(database, new.account_id) == [kind]
    assert claim(database)[0] is ClaimOutcome.SETTLED


def test_the_journal_tells_of_a_message_without_its_recipient(database: Database, new: NewMessage) -> None:
    add(database, new)
    settle(database, granted(database), MessageState.SENT)
    with database.reading() as session:
        (entry,) = journal.of_account(session, new.account_id or "")
    assert entry.detail == {
        "key": KEY,
        "template": "sign_in_code",
        "channel": "sms",
        "purpose": "code",
        "reason": None,
        "milliseconds": 0,
    }


def test_a_message_that_nobody_knows_is_settled(database: Database) -> None:
    assert claim(database) == (ClaimOutcome.SETTLED, None)


def test_a_message_in_somebody_elses_hands_is_left_there(database: Database, new: NewMessage) -> None:
    add(database, new)
    granted(database)
    almost = LOST - timedelta(microseconds=1)
    assert claim(database, now=almost)[0] is ClaimOutcome.TAKEN


def test_a_message_whose_sender_died_becomes_unknown_and_is_never_sent_again(
    database: Database, new: NewMessage
) -> None:
    add(database, new)
    granted(database)
    assert claim(database, now=LOST)[0] is ClaimOutcome.LOST
    message = kept(database)
    assert (message.state, message.reason, message.sealed) == (MessageState.UNKNOWN, "sender_lost", None)
    assert claim(database, now=LOST + timedelta(days=1))[0] is ClaimOutcome.SETTLED
    assert outcomes(database, new.account_id) == [EventKind.MESSAGE_UNKNOWN]


def test_many_who_find_a_lost_message_at_once_record_it_once(database: Database, new: NewMessage) -> None:
    add(database, new)
    granted(database)
    answers = [answer for answer, _ in at_once(lambda: claim(database, now=LOST))]
    assert sorted(answers) == sorted([ClaimOutcome.LOST] + [ClaimOutcome.SETTLED] * 7)
    assert outcomes(database, new.account_id) == [EventKind.MESSAGE_UNKNOWN]


def test_a_sender_that_comes_back_too_late_cannot_give_its_claim_back(
    database: Database, new: NewMessage
) -> None:
    add(database, new)
    slow = granted(database)
    claim(database, now=LOST)
    release(database, slow)
    assert kept(database).state == MessageState.UNKNOWN
    assert kept(database).sealed is None


def test_a_sender_that_comes_back_too_late_may_still_say_that_it_went_well(
    database: Database, new: NewMessage
) -> None:
    add(database, new)
    slow = granted(database)
    claim(database, now=LOST)
    settle(database, slow, MessageState.SENT, at=LOST)
    assert kept(database).state == MessageState.SENT
    assert outcomes(database, new.account_id) == [EventKind.MESSAGE_UNKNOWN, EventKind.MESSAGE_SENT]


def test_what_was_sent_is_not_given_up_afterwards(database: Database, new: NewMessage) -> None:
    add(database, new)
    with database.transaction() as session:
        hand_overs.mark_handed(session, [KEY], at=START)
    as_somebody_saw_it = kept(database)
    settle(database, granted(database), MessageState.SENT)
    settle(database, as_somebody_saw_it, MessageState.FAILED)
    assert kept(database).state == MessageState.SENT
    assert outcomes(database, new.account_id) == [EventKind.MESSAGE_SENT]


def test_a_sender_whose_claim_was_taken_over_settles_nothing(database: Database, new: NewMessage) -> None:
    add(database, new)
    slow = granted(database)
    release(database, slow)
    later = START + timedelta(seconds=1)
    quick = granted(database, now=later)
    settle(database, slow, MessageState.FAILED, at=later)
    assert kept(database).state == MessageState.SENDING
    settle(database, quick, MessageState.SENT, at=later)
    assert outcomes(database, new.account_id) == [EventKind.MESSAGE_SENT]


def test_a_sender_that_says_twice_what_became_of_a_message_is_heard_once(
    database: Database, new: NewMessage
) -> None:
    add(database, new)
    claimed = granted(database)
    settle(database, claimed, MessageState.SENT, at=START)
    settle(database, claimed, MessageState.SKIPPED, at=START + timedelta(seconds=1))
    settle(database, claimed, MessageState.SENT, at=START + timedelta(seconds=2))
    assert (kept(database).state, kept(database).settled_at) == (MessageState.SENT, START)
    assert outcomes(database, new.account_id) == [EventKind.MESSAGE_SENT]


def test_what_became_of_a_message_that_was_given_up_is_not_given_up_once_more(
    database: Database, new: NewMessage
) -> None:
    add(database, new)
    claimed = granted(database)
    for seconds in (0, 1):
        settle(database, claimed, MessageState.UNKNOWN, at=LOST + timedelta(seconds=seconds))
    assert kept(database).settled_at == LOST
    assert outcomes(database, new.account_id) == [EventKind.MESSAGE_UNKNOWN]


def test_nothing_becomes_of_a_message_that_is_not_kept(database: Database, new: NewMessage) -> None:
    add(database, new)
    never_queued = Message(**(kept(database).model_dump() | {"key": "no such key"}))
    settle(database, never_queued, MessageState.SENT)
    with database.reading() as session:
        assert messages.find(session, "no such key") is None
    assert outcomes(database, new.account_id) == []


def test_what_somebody_is_sending_is_not_given_up_meanwhile(database: Database, new: NewMessage) -> None:
    add(database, new)
    as_somebody_saw_it = kept(database)
    granted(database)
    settle(database, as_somebody_saw_it, MessageState.FAILED)
    assert kept(database).state == MessageState.SENDING


def test_an_accounts_messages_come_newest_first(database: Database, new: NewMessage) -> None:
    add(database, replace(new, key="older", milestone=Milestone.EMAIL_VERIFIED))
    add(database, replace(new, key="newer"), at=START + timedelta(minutes=1))
    with database.reading() as session:
        listed = messages.of_account(session, new.account_id or "")
    assert [message.key for message in listed] == ["newer", "older"]
    assert listed[1].milestone == Milestone.EMAIL_VERIFIED
