"""Totals count each journal entry once, whenever and in whatever order it appears."""

from datetime import timedelta

from domain.counting import HOLDOUT, NOBODY, Timing, Total
from domain.journal import Actor, EventKind
from domain.journal_details import DetailValue
from store import Database
from store.figures.running_totals import OVERTAKEN_FOR, RunningTotals
from store.people import journal
from store.people.journal import JournalEntry
from tests.clocks import START
from tests.factories import keep_cohort, make_account, make_journey, make_member

LATER = START + timedelta(hours=1)


def read(database: Database, totals: RunningTotals) -> None:
    more = True
    while more:
        with database.reading() as session:
            more = totals.read(session, now=LATER)


def happen(database: Database, account_id: str, kind: EventKind, **detail: DetailValue) -> None:
    with database.transaction() as session:
        journal.append(session, account_id, kind, at=LATER, actor=Actor.PERSON, **detail)


def an_account(database: Database) -> str:
    with database.transaction() as session:
        return make_account(session).account_id


def test_what_was_read_is_not_counted_again(database: Database) -> None:
    account_id, totals = an_account(database), RunningTotals()
    for times in (1, 2):
        happen(database, account_id, EventKind.SIGNED_IN, method="sms", milliseconds=20_000)
        read(database, totals)
        read(database, totals)
        assert totals.counts[Total.SIGN_INS] == {(NOBODY, NOBODY, "sms", "succeeded"): times}
    (spread,) = totals.timings[Timing.SIGN_INS].values()
    assert (sum(spread.counts), spread.seconds) == (2, 40.0)


def test_another_reader_comes_to_the_same(database: Database) -> None:
    account_id, totals, other = an_account(database), RunningTotals(), RunningTotals()
    happen(database, account_id, EventKind.SIGN_IN_FAILED, method="passkey", reason="in words of its own")
    read(database, totals)
    happen(database, account_id, EventKind.PASSKEY_BOUND)
    read(database, totals)
    read(database, other)
    assert totals.counts == other.counts
    assert totals.counts[Total.REFUSALS] == {("passkey", "other"): 1}


def test_an_entry_that_appears_behind_those_already_read_is_counted(database: Database) -> None:
    """PostgreSQL gives numbers before it commits."""
    account_id, totals = an_account(database), RunningTotals()
    happen(database, account_id, EventKind.SIGNED_OUT)
    read(database, totals)
    for entry_id, seen in ((9, 1), (7, 2), (8, 3)):
        with database.transaction() as session:
            session.add(
                JournalEntry(
                    entry_id=entry_id,
                    account_id=account_id,
                    version=entry_id,
                    kind=EventKind.SIGNED_IN,
                    actor=Actor.PERSON,
                    at=LATER,
                    detail={"method": "sms"},
                )
            )
        read(database, totals)
        assert totals.counts[Total.ENTRIES][(EventKind.SIGNED_IN,)] == seen
    with database.reading() as session:
        totals.read(session, now=LATER + OVERTAKEN_FOR)
    assert totals.counts[Total.ENTRIES][(EventKind.SIGNED_IN,)] == 3


def test_people_count_for_the_cohort_that_had_launched_them(database: Database) -> None:
    with database.transaction() as session:
        cohort_id = keep_cohort(session)
        launched = make_member(session, cohort_id, launched_at=START)
        later = make_member(session, cohort_id, launched_at=LATER + timedelta(hours=1))
        held_out = make_member(session, cohort_id, held_out=True)
    for account_id in (launched, later, held_out):
        happen(database, account_id, EventKind.MESSAGE_SENT, channel="sms")
    totals = RunningTotals()
    read(database, totals)
    assert totals.counts[Total.TEXTS] == {(cohort_id, "1"): 1, (NOBODY, NOBODY): 1, (cohort_id, HOLDOUT): 1}


def test_a_step_is_timed_the_first_time_only(database: Database) -> None:
    with database.transaction() as session:
        account_id = make_account(session).account_id
        make_journey(session, account_id, at=START)
    totals = RunningTotals()
    for _ in range(2):
        happen(database, account_id, EventKind.EMAIL_VERIFIED)
        read(database, totals)
    (spread,) = totals.timings[Timing.STEPS].values()
    assert (sum(spread.counts), spread.seconds) == (1, 3600.0)
