"""SMS is switched off only when the notice of it went out, and its days are over."""

from datetime import datetime, timedelta

import pytest

from domain.errors import NotSafeYet
from domain.facts import Channel, SmsState
from domain.journal import EventKind
from domain.messages.messages import Fate, Template
from store import Database
from store.journeys import sms
from store.messages import fates, messages
from store.people import accounts, journal
from tests.clocks import START
from tests.factories import make_journey, make_policy, make_ready_account, send_everything

POLICY = make_policy()
WEEK = timedelta(days=7)


@pytest.fixture
def noticed_id(database: Database) -> str:
    """An account that has just been given notice, which nobody has sent yet."""
    with database.transaction() as session:
        account_id = make_ready_account(session).account_id
        make_journey(session, account_id, POLICY)
        sms.give_notice(session, account_id, make_policy(notice=WEEK), at=START)
    return account_id


def send(database: Database, account_id: str, *, at: datetime = START) -> None:
    with database.transaction() as session:
        send_everything(session, account_id, at=at)


def suspend(database: Database, account_id: str, *, at: datetime = START + WEEK) -> None:
    with database.transaction() as session:
        sms.suspend(session, account_id, POLICY, at=at)


def bounce(database: Database, account_id: str, channels: list[Channel]) -> None:
    """Have the providers say that what went out by some channels did not arrive."""
    with database.transaction() as session:
        for message in messages.of_account(session, account_id):
            if message.channel in channels:
                fates.note(session, message.key, Fate.BOUNCED, reason="bounced", at=START)


def state(database: Database, account_id: str) -> str:
    with database.reading() as session:
        return accounts.get(session, account_id).sms


def test_nobody_is_switched_off_by_a_notice_that_was_never_sent(database: Database, noticed_id: str) -> None:
    for weeks in (1, 52):
        with pytest.raises(NotSafeYet) as refusal:
            suspend(database, noticed_id, at=START + weeks * WEEK)
        assert refusal.value.missing == ("notice",)
    with database.reading() as session:
        assert sms.proofs(session, noticed_id) == []
    assert state(database, noticed_id) == SmsState.NOTICE


def test_the_days_of_a_notice_run_from_when_it_was_sent(database: Database, noticed_id: str) -> None:
    sent_at = START + timedelta(days=2)
    send(database, noticed_id, at=sent_at)
    with pytest.raises(NotSafeYet):
        suspend(database, noticed_id, at=sent_at + POLICY.notice - timedelta(hours=1))
    suspend(database, noticed_id, at=sent_at + POLICY.notice)
    assert state(database, noticed_id) == SmsState.SUSPENDED


@pytest.mark.parametrize("bounced", [[Channel.EMAIL], [Channel.SMS]])
def test_a_notice_that_came_by_one_channel_is_a_notice(
    database: Database, noticed_id: str, bounced: list[Channel]
) -> None:
    send(database, noticed_id)
    bounce(database, noticed_id, bounced)
    suspend(database, noticed_id)
    assert state(database, noticed_id) == SmsState.SUSPENDED


def test_a_notice_that_came_by_no_channel_is_none(database: Database, noticed_id: str) -> None:
    send(database, noticed_id)
    bounce(database, noticed_id, [*Channel])
    with pytest.raises(NotSafeYet) as refusal:
        suspend(database, noticed_id)
    assert refusal.value.missing == ("notice",)


def test_a_notice_that_was_missed_is_given_anew_with_days_of_its_own_and_once(
    database: Database, noticed_id: str
) -> None:
    bounce(database, noticed_id, [*Channel])
    for _ in range(2):
        with database.transaction() as session:
            sms.give_notice(session, noticed_id, make_policy(notice=WEEK), at=START + WEEK)
    with database.reading() as session:
        account = accounts.get(session, noticed_id)
        said = messages.of_account(session, noticed_id)
        kinds = [entry.kind for entry in journal.of_account(session, noticed_id)]
    assert account.sms_since == START + WEEK
    assert {message.template for message in said} == {Template.SMS_NOTICE}
    assert len(said) == 4
    assert kinds.count(EventKind.NOTICE_GIVEN) == 2


def test_who_is_given_notice_anew_is_not_stuck_any_more(database: Database, noticed_id: str) -> None:
    bounce(database, noticed_id, [*Channel])
    with database.transaction() as session:
        account = accounts.lock(session, noticed_id)
        account.stuck_since, account.stuck_reason = START, "notice_missed"
        sms.give_notice(session, noticed_id, make_policy(notice=WEEK), at=START + WEEK)
    with database.reading() as session:
        account = accounts.get(session, noticed_id)
    assert (account.stuck_since, account.stuck_reason) == (None, None)
