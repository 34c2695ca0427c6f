"""What counts as said: what arrived or may have; what certainly did not is made up for, a few times."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from domain.facts import Channel, Milestone, Nudged
from domain.messages.messages import Fate, MessageState, Purpose, Template
from store import Database
from store.journeys import facts
from store.messages import fates, message_facts, messages
from store.messages.message_facts import MADE_UP_FOR, HeldBack
from store.messages.messages import NewMessage
from tests.clocks import START
from tests.factories import make_account

DAY = timedelta(days=1)
PHONE = "+4915100000001"
EMAIL_VERIFIED = Milestone.EMAIL_VERIFIED


def nudge(
    database: Database,
    account_id: str,
    key: str,
    *,
    state: MessageState = MessageState.SENT,
    reason: str | None = None,
    fate: Fate | None = None,
    at: datetime = START,
    **changes: object,
) -> None:
    """A reminder that has come so far, and what its provider has told of it since."""
    new = NewMessage(
        key=key,
        account_id=account_id,
        purpose=Purpose.NUDGE,
        template=Template.NUDGE_EMAIL_VERIFIED,
        channel=Channel.SMS,
        recipient=PHONE,
        locale="en",
        milestone=EMAIL_VERIFIED,
    )
    with database.transaction() as session:
        messages.add(session, replace(new, **changes), at=at)  # type: ignore[arg-type]
        if state is not MessageState.QUEUED:
            _, message = messages.claim(session, key, now=at)
            assert message
            messages.settle(session, message, state, at=at, reason=reason)
        if fate:
            fates.note(session, key, fate, reason="a_reason", at=at)


def nudged(database: Database, account_id: str) -> Nudged | None:
    with database.reading() as session:
        return facts.read(session, account_id).nudged(EMAIL_VERIFIED)


def nudges_to(database: Database, *, since: datetime = START - DAY) -> list[datetime]:
    with database.reading() as session:
        return message_facts.nudges_to(session, PHONE, since=since)


@pytest.mark.parametrize("state", [MessageState.QUEUED, MessageState.SENT, MessageState.UNKNOWN])
@pytest.mark.parametrize("fate", [None, Fate.DELIVERED, Fate.UNSUBSCRIBED, Fate.SPAM_REPORTED])
def test_what_arrived_or_may_yet_is_said(
    database: Database, account_id: str, state: MessageState, fate: Fate | None
) -> None:
    nudge(database, account_id, "1", state=state, fate=fate)
    assert nudged(database, account_id) == Nudged(milestone=EMAIL_VERIFIED, times=1, last_at=START)
    assert nudges_to(database) == [START]


@pytest.mark.parametrize("fate", [Fate.BLOCKED, Fate.BOUNCED, Fate.UNDELIVERABLE])
@pytest.mark.parametrize("state", [MessageState.SENT, MessageState.FAILED])
def test_what_did_not_arrive_was_not_said(
    database: Database, account_id: str, state: MessageState, fate: Fate
) -> None:
    nudge(database, account_id, "1", state=state, fate=fate)
    missed = Nudged(milestone=EMAIL_VERIFIED, times=1, missed=1, last_at=None)
    assert nudged(database, account_id) == missed
    assert nudges_to(database) == []


@pytest.mark.parametrize("reason", HeldBack)
def test_what_was_held_back_was_not_said(database: Database, account_id: str, reason: HeldBack) -> None:
    nudge(database, account_id, "1", state=MessageState.SKIPPED, reason=reason)
    missed = Nudged(milestone=EMAIL_VERIFIED, times=1, missed=1, last_at=None)
    assert nudged(database, account_id) == missed
    assert nudges_to(database) == []


@pytest.mark.parametrize(
    ("state", "reason"), [(MessageState.FAILED, "overdue"), (MessageState.SKIPPED, "reached")]
)
def test_what_failed_without_its_contacts_fault_is_not_said_again(
    database: Database, account_id: str, state: MessageState, reason: str
) -> None:
    nudge(database, account_id, "1", state=state, reason=reason)
    nudges = nudged(database, account_id)
    assert nudges
    assert (nudges.times, nudges.missed) == (1, 0)


def test_only_a_few_reminders_of_one_milestone_are_made_up_for(database: Database, account_id: str) -> None:
    for times in range(1, MADE_UP_FOR + 3):
        nudge(database, account_id, f"{times}", fate=Fate.BOUNCED, at=START + times * DAY)
        nudges = nudged(database, account_id)
        assert nudges
        assert (nudges.times, nudges.missed) == (times, min(times, MADE_UP_FOR))
        assert nudges.last_at is None


def test_the_last_that_arrived_is_the_last_that_was_said(database: Database, account_id: str) -> None:
    nudge(database, account_id, "1")
    nudge(database, account_id, "2", fate=Fate.BOUNCED, at=START + DAY)
    missed_one = Nudged(milestone=EMAIL_VERIFIED, times=2, missed=1, last_at=START)
    assert nudged(database, account_id) == missed_one


def test_reminders_to_a_contact_count_whosever_account_they_are_about(
    database: Database, account_id: str
) -> None:
    with database.transaction() as session:
        other_id = make_account(session, phone=PHONE).account_id
    nudge(database, account_id, "1")
    nudge(database, other_id, "2", at=START + DAY)
    nudge(database, other_id, "elsewhere", recipient="+4915100000002")
    nudge(database, other_id, "notice", purpose=Purpose.NOTICE)
    nudge(database, other_id, "code", purpose=Purpose.CODE)
    assert nudges_to(database) == [START, START + DAY]
    assert nudges_to(database, since=START) == [START + DAY]


def test_notices_to_a_contact_are_no_reminders(database: Database, account_id: str) -> None:
    nudge(database, account_id, "a notice", purpose=Purpose.NOTICE, template=Template.PASSKEY_BOUND)
    assert nudges_to(database) == []
    nudge(database, account_id, "a reminder")
    assert nudges_to(database) == [START]


def test_only_the_notices_of_the_accounts_in_question_are_told(database: Database, account_id: str) -> None:
    notice = {"purpose": Purpose.NOTICE, "template": Template.SMS_NOTICE, "milestone": None}
    with database.transaction() as session:
        other_id = make_account(session, sms_since=START).account_id
    nudge(database, other_id, "another's notice", **notice)  # type: ignore[arg-type]
    with database.reading() as session:
        assert set(message_facts.notices(session, [other_id, account_id])) == {other_id}
        assert message_facts.notices(session, [account_id]) == {}
