"""The one statement that a host's login waits for reads what is true now."""

from domain.facts import SmsState
from domain.journey import JourneyOutcome
from store import Database
from store.host import prompts
from store.journeys import journeys
from store.people import recovery_codes
from tests.clocks import START
from tests.factories import make_account, make_journey, make_recovery_codes


def test_codes_that_a_dispute_holds_are_no_second_way_in(database: Database) -> None:
    with database.transaction() as session:
        account = make_account(session)
        make_recovery_codes(session, account.account_id)
        [code] = recovery_codes.proven_sets_of(session, [account.account_id])[account.account_id]
        before = prompts.find(session.connection(), account.external_id)
        recovery_codes.hold_set(session, account.account_id, code.set_id, at=START)
        held = prompts.find(session.connection(), account.external_id)
    assert before
    assert held
    assert (before.facts.recovery_codes_proven, held.facts.recovery_codes_proven) == (True, False)
    assert (before.facts.recovery_codes_left, held.facts.recovery_codes_left) == (8, 0)


def test_nobody_has_no_case(database: Database) -> None:
    with database.reading() as session:
        assert prompts.find(session.connection(), "nobody") is None


def test_before_a_journey_and_after_its_end_there_is_no_policy_to_ask_by(database: Database) -> None:
    with database.transaction() as session:
        never, done = make_account(session), make_account(session, sms=SmsState.REMOVED)
        make_journey(session, done.account_id)
        journeys.end(session, done.account_id, JourneyOutcome.MIGRATED, at=START)
        cases = [prompts.find(session.connection(), account.external_id) for account in (never, done)]
    assert [(case.policy, case.facts.sms) for case in cases if case] == [
        (None, SmsState.ON),
        (None, SmsState.REMOVED),
    ]
