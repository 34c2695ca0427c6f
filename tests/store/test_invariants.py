"""The counts that must read 0, on both databases: they do for a whole way of SMS, and not for broken rows."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.facts import Channel, SmsState
from domain.journal import Actor, EventKind
from domain.messages.messages import Purpose, Template
from domain.presets import FAST
from store import Database, invariants
from store.invariants import PROMISES, Invariant
from store.journeys import sms
from store.messages import messages
from store.messages.messages import NewMessage
from store.people import accounts, imports, journal, passkeys, recovery_codes
from store.people.told_accounts import ImportedAccount
from tests.clocks import START
from tests.factories import (
    keep_cohort,
    make_account,
    make_app,
    make_journey,
    make_member,
    make_passkey,
    make_ready_account,
    make_recovery_codes,
    put_sms,
    send_everything,
)
from tests.unguarded import unguarded


def broken(database: Database) -> dict[Invariant, int]:
    with database.reading() as session:
        return {
            breach.invariant: breach.count
            for breach in invariants.breaches(session, now=START)
            if breach.count
        }


def test_every_invariant_says_what_it_promises() -> None:
    assert set(PROMISES) == set(Invariant)


def test_an_empty_database_breaks_no_promise(database: Database) -> None:
    assert broken(database) == {}


def test_no_promise_is_broken_while_sms_goes_step_by_step(database: Database) -> None:
    with database.transaction() as session:
        account_id = make_ready_account(session).account_id
        make_recovery_codes(session, account_id)
        make_journey(session, account_id, FAST)
    later = START + timedelta(minutes=1)
    with database.transaction() as session:
        sms.give_notice(session, account_id, FAST, at=START)
        send_everything(session, account_id)
    assert broken(database) == {}
    with database.transaction() as session:
        sms.suspend(session, account_id, FAST, at=later)
    assert broken(database) == {}
    with database.transaction() as session:
        sms.remove(session, account_id, FAST, at=later + FAST.probation)
    assert broken(database) == {}
    with database.reading() as session:
        assert accounts.get(session, account_id).sms == SmsState.REMOVED


def test_sms_that_was_switched_off_past_the_proof_is_counted(database: Database) -> None:
    with database.transaction() as session:
        make_account(session, sms=SmsState.SUSPENDED, sms_since=START, on_proof=False)
        make_account(session)
    assert broken(database) == {
        Invariant.SMS_OFF_ON_PROOF: 1,
        Invariant.SOME_PROVEN_ROUTE: 1,
        Invariant.SMS_OFF_IN_A_JOURNEY: 1,
    }


def test_whoever_has_used_up_their_last_code_was_not_left_without_a_way_in_by_us(database: Database) -> None:
    later = START + timedelta(hours=1)
    with database.transaction() as session:
        account_id = make_ready_account(session).account_id
        digests = make_recovery_codes(session, account_id)
        make_journey(session, account_id, FAST)
        put_sms(session, accounts.get(session, account_id), SmsState.REMOVED, at=START)
        for passkey in passkeys.active(session, account_id):
            passkeys.remove(session, passkey, at=START)
        for digest in digests:
            code = recovery_codes.find(session, account_id, digest)
            assert code
            recovery_codes.use(session, code, at=later)
    assert broken(database) == {}
    with database.transaction() as session, unguarded(session):
        passkey = make_passkey(session, account_id, last_used_at=START)
        passkeys.remove(session, passkey, at=later + timedelta(hours=1))
    assert broken(database) == {Invariant.SOME_PROVEN_ROUTE: 1}


@pytest.mark.parametrize("gone", [{}, {"removed_at": START}, {"held_at": START}])
def test_an_app_that_works_is_a_way_in(database: Database, gone: dict[str, Any]) -> None:
    with database.transaction() as session:
        account_id = make_ready_account(session).account_id
        make_journey(session, account_id, FAST)
        make_app(session, account_id, **gone)
        put_sms(session, accounts.get(session, account_id), SmsState.REMOVED, at=START)
    with database.transaction() as session, unguarded(session):
        for passkey in passkeys.active(session, account_id):
            passkeys.remove(session, passkey, at=START)
    assert broken(database) == ({Invariant.SOME_PROVEN_ROUTE: 1} if gone else {})


def test_an_account_that_came_without_a_usable_number_was_not_left_without_a_way_in(
    database: Database,
) -> None:
    without = ImportedAccount(external_id="ada", phone=None, email="ada@example.com")
    numbered = replace(without, phone="+442079460101")
    with database.transaction() as session:
        imports.take(session, [without], at=START)
    assert broken(database) == {}
    with database.transaction() as session:
        imports.take(session, [numbered], at=START)
    assert broken(database) == {}
    with database.transaction() as session, unguarded(session):
        account = accounts.by_external_id(session, "ada")
        assert account
        account.phone = None
        session.add(account)
    assert broken(database) == {Invariant.SOME_PROVEN_ROUTE: 1}


def test_a_message_that_was_taken_twice_is_counted(database: Database) -> None:
    with database.transaction() as session:
        account_id = make_account(session).account_id
        kind = EventKind.MESSAGE_SENT
        journal.append(session, account_id, kind, at=START, actor=Actor.SYSTEM, key="another")
        for _ in range(2):
            journal.append(session, account_id, kind, at=START, actor=Actor.SYSTEM, key="a notice")
    assert broken(database) == {Invariant.HANDED_ONCE: 1}


def test_members_out_of_their_place_are_counted(database: Database) -> None:
    with database.transaction() as session:
        cohort_id = keep_cohort(session)
        make_member(session, cohort_id)
        make_member(session, cohort_id, held_out=True)
    assert broken(database) == {}
    with database.transaction() as session:
        make_member(session, cohort_id, held_out=True, launched_at=START)
        make_member(session, cohort_id, wave=3)
    assert broken(database) == {Invariant.MEMBERS_IN_PLACE: 2}


@pytest.mark.parametrize("contact", ["email", "phone"])
def test_a_contact_in_the_journal_or_in_the_key_of_a_message_is_counted(
    database: Database, contact: str
) -> None:
    with database.transaction() as session:
        account = make_account(session)
        value = getattr(account, contact)
        journal.append(
            session, account.account_id, EventKind.NOTED, at=START, actor=Actor.STAFF, reason=f"at {value}!"
        )
        message = NewMessage(
            key=f"news:{value}",
            account_id=account.account_id,
            purpose=Purpose.NOTICE,
            template=Template.PASSKEY_BOUND,
            channel=Channel.EMAIL,
            recipient=value,
            locale="en",
        )
        messages.add(session, message, at=START)
        make_account(session, email=None, phone="+491510000000")
    assert broken(database) == {Invariant.CONTACTS_OFF_RECORD: 2}


def test_facts_that_changed_past_the_journal_are_counted(database: Database) -> None:
    with database.transaction() as session:
        make_account(session, facts_version=2)
        make_account(session)
    assert broken(database) == {Invariant.FACTS_JOURNALED: 1}
