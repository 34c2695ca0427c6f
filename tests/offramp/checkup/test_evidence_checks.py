"""The doctor minds when a day of the journal is not sealed in time, or is not what it was when it was sealed."""

from datetime import timedelta

from sqlalchemy import update

from domain.evidence.chains import LATE_AFTER, end_of
from domain.journal import Actor, EventKind
from offramp.checkup.evidence_checks import evidence_findings
from offramp.checkup.findings import Diagnosis
from services.evidence.sealing_days import DaySealer
from store import Database
from store.people import journal
from store.people.journal import JournalEntry
from tests.clocks import START, FakeClock
from tests.factories import make_account
from tests.unguarded import unguarded

END = end_of(START.date())


def finding(database: Database, clock: FakeClock) -> tuple[Diagnosis, str]:
    with database.reading() as session:
        [only_finding] = evidence_findings(session, now=clock())
    return only_finding.verdict, only_finding.detail


def test_a_day_is_late_two_hours_behind_its_end(database: Database, clock: FakeClock) -> None:
    assert finding(database, clock) == (Diagnosis.WELL, "the journal has no entry yet")
    with database.transaction() as session:
        account_id = make_account(session).account_id
        journal.append(session, account_id, EventKind.NOTED, at=START, actor=Actor.STAFF)
    clock.set(END + LATE_AFTER)
    assert finding(database, clock)[0] is Diagnosis.WELL
    clock.advance(timedelta(seconds=1))
    verdict, words = finding(database, clock)
    assert verdict is Diagnosis.UNWELL
    assert words == "2026-03-02 is over and not sealed: does a worker run?"
    DaySealer(database, clock).seal_due()
    words = "1 day is sealed; the newest 1 agree with their entries"
    assert finding(database, clock) == (Diagnosis.WELL, words)


def test_a_changed_row_is_named_by_its_day(database: Database, clock: FakeClock) -> None:
    with database.transaction() as session:
        account_id = make_account(session).account_id
        journal.append(session, account_id, EventKind.NOTED, at=START, actor=Actor.STAFF)
    clock.set(END + LATE_AFTER)
    DaySealer(database, clock).seal_due()
    with database.transaction() as session, unguarded(session):
        session.execute(update(JournalEntry).values(actor=Actor.PERSON))
    verdict, words = finding(database, clock)
    assert verdict is Diagnosis.UNWELL
    assert words.startswith("2026-03-02: an entry is not what it was when the day was sealed.")
