"""The counts that must read 0, on both databases: they do for a whole way of SMS, and not for broken rows."""

from datetime import timedelta

from domain.facts import SmsState
from domain.presets import FAST
from store import Database, invariants
from store.invariants import PROMISES, Invariant
from store.journeys import sms
from store.people import accounts
from tests.clocks import START
from tests.factories import (
    make_account,
    make_journey,
    make_ready_account,
    make_recovery_codes,
    send_everything,
)


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
        make_account(session, sms=SmsState.SUSPENDED, sms_since=START)
        make_account(session)
    assert broken(database) == {
        Invariant.SMS_OFF_ON_PROOF: 1,
        Invariant.SOME_PROVEN_ROUTE: 1,
        Invariant.SMS_OFF_IN_A_JOURNEY: 1,
    }


def test_facts_that_changed_past_the_journal_are_counted(database: Database) -> None:
    with database.transaction() as session:
        make_account(session, facts_version=2)
        make_account(session)
    assert broken(database) == {Invariant.FACTS_JOURNALED: 1}
