"""What a person was told is a fact: no later policy takes it back, and a later day is told first."""

from datetime import datetime, timedelta

import pytest

from domain.errors import NotSafeYet
from domain.facts import Channel, SmsState
from domain.journal import Actor
from domain.messages.messages import MessageState, Template
from domain.policy import Policy
from domain.prompts import CANNOT_NOW_PAUSE, CannotReason, Skips
from store import Database
from store.journeys import facts, journeys, policies, promises, sms
from store.messages import messages
from store.messages.messages import ClaimOutcome, Message
from store.people import accounts
from tests.ceremonies import PagePeople
from tests.clocks import START
from tests.factories import (
    make_journey,
    make_policy,
    send_everything,
)

DAY = timedelta(days=1)
TEN_DAYS = make_policy(notice=10 * DAY)


@pytest.fixture
def noticed_id(database: Database, people: PagePeople) -> str:
    """Somebody who has just been told that text-message codes go in ten days."""
    with database.transaction() as session:
        account_id = people.make_ready_account(session).account_id
        make_journey(session, account_id, TEN_DAYS)
        sms.give_notice(session, account_id, TEN_DAYS, at=START)
        send_everything(session, account_id, at=START)
    return account_id


def edit(database: Database, account_id: str, policy: Policy, *, at: datetime = START) -> None:
    """The operators edit the policy of the cohort."""
    with database.transaction() as session:
        promises.keep(session, [account_id], at=at)
        journeys.renew(session, account_id, policies.store(session, policy, at=at))


def suspend(database: Database, account_id: str, policy: Policy, *, at: datetime) -> None:
    with database.transaction() as session:
        sms.suspend(session, account_id, policy, at=at)


def letters(database: Database, account_id: str) -> list[Message]:
    with database.reading() as session:
        return [
            message
            for message in messages.of_account(session, account_id)
            if message.template == Template.SMS_NOTICE and message.channel == Channel.EMAIL
        ]


def told_until(database: Database, account_id: str) -> datetime | None:
    with database.reading() as session:
        return facts.read(session, account_id).notice_until


def test_a_shorter_notice_does_not_reach_whoever_was_told_a_longer_one(
    database: Database, noticed_id: str
) -> None:
    short = make_policy(notice=timedelta(seconds=15))
    edit(database, noticed_id, short, at=START)
    with pytest.raises(NotSafeYet):
        suspend(database, noticed_id, short, at=START + 10 * DAY - timedelta(seconds=1))
    suspend(database, noticed_id, short, at=START + 10 * DAY)


def test_a_longer_notice_is_told_once_and_holds_even_if_it_is_edited_back(
    database: Database, noticed_id: str
) -> None:
    later = make_policy(notice=20 * DAY)
    edit(database, noticed_id, later)
    for _ in range(2):
        with database.transaction() as session:
            sms.give_notice(session, noticed_id, later, at=START + 3 * DAY)
    assert sorted(letter.values["days"] for letter in letters(database, noticed_id)) == ["10", "17"]
    assert told_until(database, noticed_id) == START + 20 * DAY
    with pytest.raises(NotSafeYet):
        suspend(database, noticed_id, TEN_DAYS, at=START + 20 * DAY - timedelta(seconds=1))
    suspend(database, noticed_id, TEN_DAYS, at=START + 20 * DAY)


def test_a_later_day_that_is_past_when_it_can_be_told_is_told_with_all_its_days(
    database: Database, noticed_id: str
) -> None:
    """A pause, say, lasted longer than both."""
    later = make_policy(notice=20 * DAY)
    with database.transaction() as session:
        sms.give_notice(session, noticed_id, later, at=START + 30 * DAY)
    assert told_until(database, noticed_id) == START + 50 * DAY


def test_a_letter_that_goes_out_late_moves_the_day_that_it_tells(database: Database, noticed_id: str) -> None:
    with database.transaction() as session:
        account = accounts.lock(session, noticed_id)
        sms.announce(session, account, 6 * DAY, event="again", at=START + 4 * DAY)
        for message in messages.of_account(session, noticed_id):
            claim, claimed = messages.claim(session, message.key, now=START + 7 * DAY)
            if claim is ClaimOutcome.GRANTED and claimed:
                messages.settle(session, claimed, MessageState.SENT, at=START + 7 * DAY)
    until = told_until(database, noticed_id)
    assert until
    assert START + 13 * DAY - timedelta(minutes=1) <= until <= START + 13 * DAY


def test_a_letter_of_an_older_release_holds_by_its_days(database: Database, noticed_id: str) -> None:
    with database.transaction() as session:
        for message in messages.of_account(session, noticed_id):
            message.values = {"days": "10"}
    with pytest.raises(NotSafeYet):
        suspend(database, noticed_id, make_policy(notice=DAY), at=START + 9 * DAY)


@pytest.mark.parametrize(
    ("notice", "days"),
    [(timedelta(hours=36), "1"), (timedelta(hours=5), "0"), (7 * DAY, "7")],
)
def test_a_letter_promises_no_more_days_than_there_are(
    database: Database, people: PagePeople, notice: timedelta, days: str
) -> None:
    with database.transaction() as session:
        account_id = people.make_ready_account(session).account_id
        sms.give_notice(session, account_id, make_policy(notice=notice), at=START)
    assert [letter.values["days"] for letter in letters(database, account_id)] == [days]
    assert told_until(database, account_id) == START + notice


def test_a_shorter_probation_does_not_reach_whoever_was_told_a_longer_one(
    database: Database, noticed_id: str
) -> None:
    off_at = START + 10 * DAY
    suspend(database, noticed_id, make_policy(notice=10 * DAY, probation=30 * DAY), at=off_at)
    edit(database, noticed_id, make_policy(probation=60 * DAY), at=off_at)
    short = make_policy(probation=DAY)
    edit(database, noticed_id, short, at=off_at)
    with pytest.raises(NotSafeYet) as refusal, database.transaction() as session:
        sms.remove(session, noticed_id, short, at=off_at + 60 * DAY - timedelta(seconds=1))
    assert refusal.value.missing == ("probation",)
    with database.transaction() as session:
        sms.remove(session, noticed_id, short, at=off_at + 60 * DAY)


def test_a_new_probation_owes_nothing_to_an_earlier_one(database: Database, noticed_id: str) -> None:
    off_at = START + 10 * DAY
    suspend(database, noticed_id, make_policy(probation=300 * DAY), at=off_at)
    with database.transaction() as session:
        sms.restore(session, noticed_id, at=off_at, actor=Actor.PERSON, reason="person")
        assert facts.read(session, noticed_id).removal_not_before is None
        sms.give_notice(session, noticed_id, TEN_DAYS, at=off_at)
        send_everything(session, noticed_id, at=off_at)
    suspend(database, noticed_id, TEN_DAYS, at=off_at + 10 * DAY)
    with database.reading() as session:
        assert facts.read(session, noticed_id).removal_not_before == off_at + 10 * DAY + TEN_DAYS.probation


@pytest.mark.parametrize("has_seen", [True, False])
def test_skips_that_a_page_has_offered_stay_until_the_day_that_it_named(
    database: Database, people: PagePeople, has_seen: bool
) -> None:
    with database.transaction() as session:
        account = people.make_ready_account(session, exposed_at=START if has_seen else None)
        account_id = account.account_id
        make_journey(session, account_id, make_policy(skips_allowed=5, mandatory_after=21 * DAY))
    edit(database, account_id, make_policy(skips_allowed=1, mandatory_after=DAY), at=START + DAY)
    with database.reading() as session:
        told = promises.skips_told(accounts.get(session, account_id))
    assert told == (Skips(allowed=5, until=START + 21 * DAY) if has_seen else None)


def test_a_passkey_that_cools_off_does_so_for_as_long_as_its_owner_was_promised(
    database: Database, people: PagePeople
) -> None:
    with database.transaction() as session:
        account = people.make_ready_account(session)
        account_id = account.account_id
        make_journey(session, account_id, make_policy(cooling_off=9 * DAY))
        people.make_passkey(session, account_id, used_on=[START.date()], after_text_at=START)
        account.rescued_at = START
    edit(database, account_id, make_policy(cooling_off=DAY), at=START + DAY)
    with database.reading() as session:
        assert facts.read(session, account_id).cools_off_until == START + 9 * DAY
    edit(database, account_id, make_policy(cooling_off=2 * DAY), at=START + 9 * DAY)
    with database.reading() as session:
        assert facts.read(session, account_id).cools_off_until is None


def test_whoever_was_told_two_weeks_of_rest_has_them_whatever_else_they_press(
    database: Database, people: PagePeople
) -> None:
    with database.transaction() as session:
        account = people.make_ready_account(session)
        until = START + CANNOT_NOW_PAUSE
        accounts.note_cannot(session, account, CannotReason.NO_TIME, at=START, until=until)
        accounts.skip_prompt(session, account, until=START + 3 * DAY)
        assert account.snoozed_until == until
        accounts.skip_prompt(session, account, until=until + DAY)
        assert account.snoozed_until == until + DAY


def test_whoever_keeps_codes_before_they_were_off_is_told_so(database: Database, noticed_id: str) -> None:
    with database.transaction() as session:
        sms.restore(session, noticed_id, at=START + DAY, actor=Actor.STAFF, reason="aborted")
    with database.reading() as session:
        templates = {message.template for message in messages.of_account(session, noticed_id)}
        assert accounts.get(session, noticed_id).sms == SmsState.ON
    assert Template.SMS_KEPT in templates
    assert Template.SMS_RESTORED not in templates
