"""`offramp account show`: where a person stands, in one sentence, and everything behind it."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from activities.gates import WaitsFor
from domain.facts import Milestone, SmsState
from domain.journal import Actor, EventKind
from domain.journey import Outcome, StuckReason
from domain.messages import Fate, MessageState, Template
from domain.presets import FAST
from offramp import portraits
from offramp.captions import MILESTONES, standing, upcoming
from offramp.portraits import masked_email, masked_phone
from offramp.terminal import moment
from store import Database, accounts, fates, journal, journeys, messages, notices, sms
from tests.clocks import START
from tests.factories import make_account, make_journey, make_ready_account, make_recovery_codes
from tests.offramp.conftest import Run


def arrange(database: Database, **changes: object) -> str:
    with database.transaction() as session:
        account = make_account(
            session, external_id="ada", email="ada@example.com", phone="+442079460101", **changes
        )
        make_journey(session, account.account_id, FAST)
        return account.account_id


def hand_over(database: Database, account_id: str) -> list[str]:
    """Every message of the account to its provider; returns the keys."""
    with database.transaction() as session:
        keys = sorted(message.key for message in messages.of_account(session, account_id))
        for key in keys:
            _, message = messages.claim(session, key, now=START)
            assert message
            messages.settle(session, message, MessageState.SENT, at=START)
    return keys


def portrait(database: Database) -> portraits.Portrait:
    with database.reading() as session:
        return portraits.draw(session, "ada")


def test_everything_is_shown_and_nobodys_contact(offramp: Run, home_database: Database) -> None:
    account_id = arrange(home_database)
    with home_database.transaction() as session:
        notices.tell(session, accounts.get(session, account_id), Template.PASSKEY_BOUND, event="1", at=START)
    ran = offramp("account", "show", "ada")
    assert ran.code == 0
    for expected in (
        "On the way, 0 of 4 done; now it takes a verified e-mail address.",
        "message 1 by email, asking for a verified e-mail address, due now",
        "a…@example.com, +44…01",
        "passkey_bound by email",
        "queued",
        "journey_started by host",
        "on its way to the journey",
        *MILESTONES.values(),
    ):
        assert expected in ran.out
    assert "ada@example.com" not in ran.out
    assert "2079460101" not in ran.out


def test_machines_get_everything(offramp: Run, home_database: Database) -> None:
    account_id = arrange(home_database)
    ran = offramp("account", "show", "ada", "--json")
    answer = json.loads(ran.out)
    assert answer["account_id"] == account_id
    assert answer["milestones"] == dict.fromkeys(Milestone, False)
    assert answer["next"]["act"] == "nudge"
    assert answer["routes"] == ["sms"]
    assert answer["facts"]["version"] == 1
    assert [line["kind"] for line in answer["journal"]] == ["journey_started"]
    assert "2079460101" not in ran.out


def test_nobody_is_called_that(offramp: Run, home_database: Database) -> None:
    ran = offramp("account", "show", "nobody")
    assert (ran.code, ran.err) == (1, "offramp: no account is called nobody\n")


def test_watching_ends_with_the_journey(offramp: Run, home_database: Database) -> None:
    account_id = arrange(home_database)
    with home_database.transaction() as session:
        journeys.end(session, account_id, Outcome.MIGRATED, at=START)
    ran = offramp("account", "show", "ada", "--watch")
    assert "Moved: signs in without text-message codes" in ran.out


def test_without_a_journey_nothing_happens_next(home_database: Database) -> None:
    with home_database.transaction() as session:
        make_account(session, external_id="ada")
    assert standing(portrait(home_database)).startswith("No journey has been started")
    assert upcoming(portrait(home_database), START) == "Nothing: no journey runs."


def test_the_next_act_comes_with_its_moment(home_database: Database) -> None:
    arrange(home_database)
    before = START - timedelta(hours=3)
    assert upcoming(portrait(home_database), before).startswith(
        "message 1 by email, asking for a verified e-mail"
    )
    assert ", in 3 h (" in upcoming(portrait(home_database), before)


def test_a_stuck_person_is_stuck_for_a_reason(home_database: Database) -> None:
    arrange(home_database)
    with home_database.transaction() as session:
        ada = accounts.by_external_id(session, "ada")
        assert ada is not None
        ada.stuck_since, ada.stuck_reason = START, StuckReason.NUDGES_USED_UP
        session.add(ada)
    said = standing(portrait(home_database))
    assert said.startswith("Stuck since")
    assert said.endswith("on a verified e-mail address: all reminders are used up.")


def test_the_way_of_sms_is_told_step_by_step(home_database: Database) -> None:
    with home_database.transaction() as session:
        account_id = make_ready_account(session, external_id="ada").account_id
        make_recovery_codes(session, account_id)
        make_journey(session, account_id, FAST)
    assert standing(portrait(home_database)).startswith("Everything is set up")
    with home_database.transaction() as session:
        sms.give_notice(session, account_id, at=START, notice=FAST.notice)
    assert standing(portrait(home_database)).startswith("Notice has been given since")
    hand_over(home_database, account_id)
    assert upcoming(portrait(home_database), START).startswith("text-message codes are suspended, in 15 s")
    with home_database.transaction() as session:
        sms.suspend(session, account_id, FAST, at=START + timedelta(seconds=15))
    shown = portrait(home_database)
    assert shown.facts.sms is SmsState.SUSPENDED
    assert standing(shown).endswith("and can still be restored.")
    assert shown.routes == ("passkey", "recovery_code")


@pytest.mark.parametrize(
    ("contact", "mask"), [("+4915112345602", "+49…02"), ("+12025550104", "+12…04"), (None, None)]
)
def test_a_phone_number_is_masked(contact: str | None, mask: str | None) -> None:
    assert masked_phone(contact) == mask


@pytest.mark.parametrize(
    ("contact", "mask"),
    [("ada@example.com", "a…@example.com"), ("a@b.example", "a…@b.example"), (None, None)],
)
def test_an_email_address_is_masked(contact: str | None, mask: str | None) -> None:
    assert masked_email(contact) == mask


def test_the_journal_is_a_timeline(home_database: Database) -> None:
    account_id = arrange(home_database)
    with home_database.transaction() as session:
        journal.append(
            session, account_id, EventKind.PROMPT_SEEN, at=datetime.now(UTC), actor=Actor.PERSON, capable=True
        )
    first, second = portrait(home_database).journal
    assert first.at <= second.at
    assert second.detail == {"capable": True}


def notify(database: Database, account_id: str) -> list[str]:
    """A notice by both channels, handed over; returns the keys."""
    with database.transaction() as session:
        notices.tell(session, accounts.get(session, account_id), Template.PASSKEY_BOUND, event="1", at=START)
    return hand_over(database, account_id)


def test_what_became_of_messages_is_shown_with_what_is_wrong_with_a_contact(
    offramp: Run, home_database: Database
) -> None:
    by_email, by_sms = notify(home_database, arrange(home_database))
    with home_database.transaction() as session:
        fates.note(session, by_email, Fate.BOUNCED, reason="bounce_550", at=START)
        fates.note(session, by_sms, Fate.UNSUBSCRIBED, reason="twilio_21610", at=START)
    ran = offramp("account", "show", "ada")
    since = moment(START)
    assert f"sent, bounced at {since}" in ran.out
    assert f"a…@example.com (nothing arrives there since {since}: bounced, bounce_550)" in ran.out
    assert f"+44…01 (no reminders wanted since {since}: unsubscribed, twilio_21610)" in ran.out
    answer = json.loads(offramp("account", "show", "ada", "--json").out)
    assert [line["fate"] for line in answer["faults"]] == ["bounced", "unsubscribed"]
    assert {line["fate"] for line in answer["messages"]} == {"bounced", "unsubscribed"}


def test_what_a_message_waits_for_is_shown(offramp: Run, home_database: Database) -> None:
    account_id = arrange(home_database)
    with home_database.transaction() as session:
        notices.tell(session, accounts.get(session, account_id), Template.PASSKEY_BOUND, event="1", at=START)
        key = messages.of_account(session, account_id)[0].key
        _, message = messages.claim(session, key, now=START)
        assert message
        later = START + timedelta(hours=9)
        messages.release(session, message, until=later, waits_for=WaitsFor.QUIET_HOURS)
    waiting = f"queued, waits for the end of the quiet hours until {moment(later)}"
    assert waiting in offramp("account", "show", "ada").out


def test_a_notice_that_nobody_got_is_told_in_words(home_database: Database) -> None:
    with home_database.transaction() as session:
        account_id = make_ready_account(session, external_id="ada").account_id
        make_recovery_codes(session, account_id)
        make_journey(session, account_id, FAST)
        sms.give_notice(session, account_id, at=START, notice=FAST.notice)
    with home_database.transaction() as session:
        for message in messages.of_account(session, account_id):
            fates.note(session, message.key, Fate.BOUNCED, reason="bounce_550", at=START)
    assert standing(portrait(home_database)).endswith("but came by no channel: text-message codes stay on.")
    with home_database.transaction() as session:
        ada = accounts.get(session, account_id)
        ada.stuck_since, ada.stuck_reason = START, StuckReason.NOTICE_MISSED
    said = standing(portrait(home_database))
    assert said.startswith("Stuck since")
    assert said.endswith("the notice that text-message codes will be switched off came by no channel.")
