"""The census counts everybody once, by the domain's own milestones."""

from collections import Counter

from domain.counting import HOLDOUT, NOBODY
from domain.facts import SmsState
from domain.milestones import missing
from domain.presets import STANDARD
from store import Database
from store.figures import census
from store.figures.census import Codes
from store.journeys import facts
from store.people import accounts
from tests.clocks import START
from tests.factories import (
    keep_cohort,
    make_account,
    make_journey,
    make_member,
    make_passkey,
    make_ready_account,
    make_recovery_codes,
)


def test_everybody_is_counted_once_in_one_place(database: Database) -> None:
    with database.transaction() as session:
        first = keep_cohort(session)
        launched = make_member(session, first)
        make_member(session, first, held_out=True)
        make_member(session, first, wave=None, launched_at=None)
        make_account(session)
        make_journey(session, launched)
        counted = census.take(session, now=START)
        assert census.members(session) == {(first, False): 2, (first, True): 1}
    places: Counter[tuple[str, str]] = Counter()
    for row in counted:
        places[row.cohort_id, row.wave] += row.accounts
    assert places == {(first, "1"): 1, (first, HOLDOUT): 1, (NOBODY, NOBODY): 2}


def test_milestones_are_those_that_each_account_has(database: Database) -> None:
    with database.transaction() as session:
        make_ready_account(session)
        make_account(session, email_verified_at=START)
        make_passkey(session, make_account(session).account_id, backed_up=True)
        make_recovery_codes(session, make_account(session).account_id, proven=False)
        make_recovery_codes(session, make_account(session).account_id)
        counted = census.take(session, now=START)
        expected = Counter(
            missing(facts.read(session, account_id), STANDARD)
            for batch in accounts.each_id(session)
            for account_id in batch
        )
    numbers: Counter[tuple[str, ...]] = Counter()
    for row in counted:
        numbers[missing(row.facts, STANDARD)] += row.accounts
    assert numbers == expected
    assert {row.codes for row in counted} == {Codes.NONE, Codes.UNPROVEN, Codes.ENOUGH}


def test_states_are_told(database: Database) -> None:
    with database.transaction() as session:
        make_account(session, sms=SmsState.NOTICE, held_since=START)
        (row,) = census.take(session, now=START)
    assert (row.sms, row.is_held) == (SmsState.NOTICE, True)
