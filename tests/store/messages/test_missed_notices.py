"""Whether the notice of the end of SMS has reached the person: it is missed when no channel brought it."""

from collections import Counter
from datetime import datetime, timedelta

import pytest

from domain.facts import Facts, SmsState
from domain.journal import EventKind
from domain.messages.messages import Fate, MessageState, Template
from store import Database
from store.journeys import facts, sms
from store.messages import fates, messages, notices
from store.people import accounts, journal
from tests.clocks import START
from tests.factories import make_policy, make_ready_account, send_everything
from tests.store.racing import at_once

WEEK = timedelta(days=7)
TOLD = START + timedelta(minutes=1)


@pytest.fixture
def noticed_id(database: Database) -> str:
    """An account that has just been given notice, which nobody has sent yet."""
    with database.transaction() as session:
        account_id = make_ready_account(session).account_id
        sms.give_notice(session, account_id, make_policy(notice=WEEK), at=START)
    return account_id


def keys_of(database: Database, account_id: str, template: Template = Template.SMS_NOTICE) -> dict[str, str]:
    """The keys of the latest notices of one text by their channels."""
    with database.reading() as session:
        sent = reversed(messages.of_account(session, account_id))
        return {message.channel: message.key for message in sent if message.template == template}


def note(database: Database, fate: Fate, *, key: str) -> None:
    with database.transaction() as session:
        fates.note(session, key, fate, reason="a_reason", at=TOLD)


def times_missed(database: Database, account_id: str) -> int:
    """How often the journal says that the notice was missed."""
    with database.reading() as session:
        kinds = Counter(entry.kind for entry in journal.of_account(session, account_id))
    return kinds[EventKind.NOTICE_MISSED]


def read(database: Database, account_id: str) -> Facts:
    with database.reading() as session:
        return facts.read(session, account_id)


def settle(database: Database, key: str, state: MessageState, *, at: datetime = START) -> None:
    with database.transaction() as session:
        _, message = messages.claim(session, key, now=at)
        assert message
        messages.settle(session, message, state, at=at)


def test_a_notice_that_bounced_by_every_channel_is_told_to_the_journey_once(
    database: Database, noticed_id: str
) -> None:
    keys = keys_of(database, noticed_id)
    for key in keys.values():
        settle(database, key, MessageState.SENT)
    note(database, Fate.BLOCKED, key=keys["email"])
    assert times_missed(database, noticed_id) == 0
    for fate in (Fate.BLOCKED, Fate.BOUNCED, Fate.UNDELIVERABLE):
        for key in keys.values():
            note(database, fate, key=key)
    assert times_missed(database, noticed_id) == 1
    account_facts = read(database, noticed_id)
    assert (account_facts.notice_missed, account_facts.noticed_at) == (True, None)
    with database.transaction() as session:
        assert noticed_id in journal.claim_unpublished(session, now=TOLD, limit=10)


@pytest.mark.parametrize("lost", [MessageState.FAILED, MessageState.SKIPPED, MessageState.UNKNOWN])
def test_a_notice_that_was_lost_by_every_channel_is_told_once_whatever_is_heard_of_it_later(
    database: Database, noticed_id: str, lost: MessageState
) -> None:
    for key in keys_of(database, noticed_id).values():
        settle(database, key, lost)
        note(database, Fate.UNDELIVERABLE, key=key)
    assert times_missed(database, noticed_id) == 1


def test_a_notice_lost_by_all_channels_at_the_same_moment_is_told_once(
    database: Database, noticed_id: str
) -> None:
    keys = [*keys_of(database, noticed_id).values()]
    at_once(lambda: settle(database, keys.pop(), MessageState.FAILED), times=2)
    assert times_missed(database, noticed_id) == 1


def test_a_notice_that_arrived_by_one_channel_is_not_missed(database: Database, noticed_id: str) -> None:
    keys = keys_of(database, noticed_id)
    settle(database, keys["email"], MessageState.FAILED)
    settle(database, keys["sms"], MessageState.SENT, at=TOLD)
    account_facts = read(database, noticed_id)
    assert (account_facts.notice_missed, account_facts.noticed_at) == (False, TOLD)
    assert times_missed(database, noticed_id) == 0


def test_a_notice_that_is_still_on_its_way_is_neither_missed_nor_given(
    database: Database, noticed_id: str
) -> None:
    settle(database, keys_of(database, noticed_id)["email"], MessageState.FAILED)
    account_facts = read(database, noticed_id)
    assert (account_facts.notice_missed, account_facts.noticed_at) == (False, None)


def test_the_bounce_of_another_letter_is_no_missed_notice(database: Database, noticed_id: str) -> None:
    for key in keys_of(database, noticed_id).values():
        settle(database, key, MessageState.FAILED)
    with database.transaction() as session:
        account = accounts.get(session, noticed_id)
        notices.tell(session, account, Template.PASSKEY_BOUND, event="1", at=START)
        send_everything(session, noticed_id)
    for key in keys_of(database, noticed_id, Template.PASSKEY_BOUND).values():
        note(database, Fate.BOUNCED, key=key)
    assert times_missed(database, noticed_id) == 1


def test_a_notice_given_anew_is_missed_anew_whatever_became_of_the_first(
    database: Database, noticed_id: str
) -> None:
    first = keys_of(database, noticed_id)
    for key in first.values():
        settle(database, key, MessageState.FAILED)
    with database.transaction() as session:
        sms.give_notice(session, noticed_id, make_policy(notice=WEEK), at=START + WEEK)
        account_facts = facts.read(session, noticed_id)
    assert (account_facts.sms, account_facts.sms_since, account_facts.notice_missed) == (
        SmsState.NOTICE,
        START + WEEK,
        False,
    )
    note(database, Fate.BOUNCED, key=first["email"])
    assert times_missed(database, noticed_id) == 1
    for key in keys_of(database, noticed_id).values():
        settle(database, key, MessageState.FAILED, at=START + WEEK)
    assert times_missed(database, noticed_id) == 2
