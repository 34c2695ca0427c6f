"""`offramp account show`: where a person stands, in one sentence, and everything behind it."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from activities.gates import WaitsFor
from domain.desk.cases import Case
from domain.facts import Milestone, SmsState
from domain.host.ceremonies import Ceremonies
from domain.host.events import HostEventKind
from domain.journal import Actor, EventKind
from domain.journey import JourneyOutcome, StuckReason
from domain.messages.messages import Fate, MessageState, Template
from domain.presets import FAST
from domain.words.standings import MILESTONES, standing, upcoming
from offramp.views.terminal import moment
from store import Database
from store.desk import cases
from store.journeys import journeys, sms
from store.messages import fates, messages, notices
from store.people import accounts, journal
from store.people.host_routes import CEREMONIES
from tests.clocks import START
from tests.factories import (
    by_sms,
    make_account,
    make_journey,
    make_passkey,
    make_ready_account,
    make_recovery_codes,
)
from tests.host_events import hear
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


def drawn(database: Database, now: datetime = START) -> Case:
    with database.reading() as session:
        account = accounts.by_external_id(session, "ada")
        assert account
        return cases.draw(session, account.account_id, now=now)


def stands(database: Database, now: datetime = START) -> str:
    return standing(drawn(database, now), now)


def comes_next(database: Database, now: datetime = START) -> str:
    return upcoming(drawn(database, now), now)


def test_everything_is_shown_and_nobodys_contact(offramp: Run, home_database: Database) -> None:
    account_id = arrange(home_database)
    with home_database.transaction() as session:
        notices.tell(session, accounts.get(session, account_id), Template.PASSKEY_BOUND, event="1", at=START)
    ran = offramp("account", "show", "ada")
    assert ran.code == 0
    for expected in (
        "Waiting for a verified e-mail address; no reminders sent, the first due now; SMS stays on.",
        "message 1 by e-mail, asking for a verified e-mail address, due now",
        "a•••@e•••.com, +44•••••101",
        "notice that a passkey was added by e-mail",
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
        journeys.end(session, account_id, JourneyOutcome.MIGRATED, at=START)
    ran = offramp("account", "show", "ada", "--watch")
    assert "Moved: signs in without text-message codes" in ran.out


def test_without_a_journey_nothing_happens_next(home_database: Database) -> None:
    with home_database.transaction() as session:
        make_account(session, external_id="ada")
    assert stands(home_database).startswith("No journey has been started")
    assert comes_next(home_database) == "Nothing: no journey runs."


def test_the_next_act_comes_with_its_moment(home_database: Database) -> None:
    arrange(home_database)
    before = START - timedelta(hours=3)
    assert comes_next(home_database, before) == (
        "message 1 by e-mail, asking for a verified e-mail address, on Monday 12:00 UTC"
    )


def test_a_stuck_person_is_stuck_for_a_reason(home_database: Database) -> None:
    arrange(home_database)
    with home_database.transaction() as session:
        ada = accounts.by_external_id(session, "ada")
        assert ada is not None
        ada.stuck_since, ada.stuck_reason = START, StuckReason.NUDGES_USED_UP
        session.add(ada)
    assert "; stuck since Monday 12:00 UTC, after no reminders and with none left;" in stands(home_database)


def test_the_way_of_sms_is_told_step_by_step(home_database: Database) -> None:
    with home_database.transaction() as session:
        account_id = make_ready_account(session, external_id="ada").account_id
        make_recovery_codes(session, account_id)
        make_journey(session, account_id, FAST)
    assert stands(home_database).startswith("Everything is set up")
    with home_database.transaction() as session:
        sms.give_notice(session, account_id, FAST, at=START)
    assert "; notice was given, and SMS " in stands(home_database)
    hand_over(home_database, account_id)
    assert comes_next(home_database).startswith("text-message codes are suspended, in 15 s")
    with home_database.transaction() as session:
        sms.suspend(session, account_id, FAST, at=START + timedelta(seconds=15))
    shown = drawn(home_database)
    assert shown.facts.sms is SmsState.SUSPENDED
    assert "; SMS is suspended, can still be restored, and is removed for good in " in stands(home_database)
    assert shown.routes == ("passkey", "recovery_code")


def test_the_journal_is_a_timeline(home_database: Database) -> None:
    account_id = arrange(home_database)
    with home_database.transaction() as session:
        journal.append(
            session, account_id, EventKind.PROMPT_SEEN, at=datetime.now(UTC), actor=Actor.PERSON, capable=True
        )
    first, second = drawn(home_database).journal
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
    shown = " ".join(offramp("account", "show", "ada").out.split())
    since = moment(START)
    assert f"sent, bounced at {since}" in shown
    assert f"a•••@e•••.com (nothing arrives there since {since}: bounced, bounce_550)" in shown
    assert f"+44•••••101 (no reminders wanted since {since}: unsubscribed, twilio_21610)" in shown
    answer = json.loads(offramp("account", "show", "ada", "--json").out)
    assert [line["fault"] for line in answer["contacts"]] == ["bounced", "unsubscribed"]
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
        sms.give_notice(session, account_id, FAST, at=START)
    with home_database.transaction() as session:
        for message in messages.of_account(session, account_id):
            fates.note(session, message.key, Fate.BOUNCED, reason="bounce_550", at=START)
    missed = "; notice was given, but came by no channel: SMS stays on."
    assert stands(home_database).endswith(missed)
    with home_database.transaction() as session:
        ada = accounts.get(session, account_id)
        ada.stuck_since, ada.stuck_reason = START, StuckReason.NOTICE_MISSED
        session.add(ada)
    said = stands(home_database)
    assert "; the notice that SMS ends has reached the person by no channel, as is known since Monday" in said
    assert said.endswith(missed)


def test_an_open_objection_halts_everything_and_the_passkey_is_on_hold(
    offramp: Run, home_database: Database
) -> None:
    account_id = arrange(home_database, disputed_since=START)
    with home_database.transaction() as session:
        make_passkey(session, account_id, platform="Android").frozen_at = START
        make_passkey(session, account_id, platform="Windows").removed_at = START
    shown = offramp("account", "show", "ada").out
    assert f"Android, not used yet, on hold since {moment(START)}" in shown
    assert "Windows" not in shown
    assert "Nothing until the objection is settled. See offramp account objections." in shown
    assert "everything halts since" in shown


def test_whoever_is_left_alone_is_said_to_be(home_database: Database) -> None:
    arrange(home_database, rests_until=START + timedelta(days=2))
    assert "; left alone by support until Wednesday 12:00 UTC; " in stands(home_database)


def test_a_number_of_several_accounts_is_said_to_be_shared(offramp: Run, home_database: Database) -> None:
    arrange(home_database)
    with home_database.transaction() as session:
        make_account(session, phone="+442079460101")
    assert "(shared with 1 other account)" in " ".join(offramp("account", "show", "ada").out.split())


def test_what_is_not_final_yet_is_named_with_its_moment(offramp: Run, home_database: Database) -> None:
    account_id = arrange(home_database)
    ahead = datetime.now(UTC) + timedelta(days=2)
    with home_database.transaction() as session:
        make_passkey(session, account_id, name="Fairphone", **by_sms(ahead, wait=timedelta()))
    said = " ".join(offramp("account", "show", "ada").out.split())
    assert f"Fairphone until {moment(ahead)}" in said
    shown = json.loads(offramp("account", "show", "ada", "--json").out)
    assert [(new["kind"], new["trust"]["way"]) for new in shown["provisional"]] == [("passkey", "notice")]


def test_what_lives_with_the_host_is_said_to(
    offramp: Run, home_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    account_id = arrange(home_database)
    monkeypatch.setitem(home_database.notes, CEREMONIES, Ceremonies.ORCHESTRATED)
    for name, value in {
        "OFFRAMP_CEREMONIES": "orchestrated",
        "OFFRAMP_HOST_SETUP_URL": "https://www.example.com/safer",
        "OFFRAMP_HOST_ACCOUNT_URL": "https://www.example.com/me",
    }.items():
        monkeypatch.setenv(name, value)
    hear(home_database, account_id, HostEventKind.PASSKEY_BOUND, at=START, passkey_id="k1", rooted_in="host")
    kind = HostEventKind.RECOVERY_CODES_MADE
    hear(home_database, account_id, kind, at=START, set_id="s1", count=8, rooted_in="host")
    shown = " ".join(offramp("account", "show", "ada").out.split())
    assert "unknown device, not used yet, at the host" in shown
    assert "8 left, none was typed back yet, at the host" in shown


def test_tickets_of_the_host_and_what_helps_are_listed(
    offramp: Run, home_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OFFRAMP_TICKET_URL", "https://desk.example.com/t/{ticket}")
    account_id = arrange(home_database)
    failed = {"ceremony": "registration", "name": "NotAllowedError", "platform": "Android"}
    with home_database.transaction() as session:
        kind = EventKind.TICKET_OPENED
        journal.append(session, account_id, kind, at=START, actor=Actor.HOST, ticket_id="T-1")
        journal.append(session, account_id, EventKind.CEREMONY_FAILED, at=START, actor=Actor.PERSON, **failed)
    shown = offramp("account", "show", "ada").out
    assert "T-1 https://desk.example.com/t/T-1, open since" in shown
    assert "Passkey failed on the device: Have them try again" in shown
    assert "NotAllowedError" not in shown
