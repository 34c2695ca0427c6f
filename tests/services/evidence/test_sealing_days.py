"""Each finished day of the journal is sealed once, and whatever changes an entry behind that shows."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import delete, update
from sqlmodel import col

from domain.desk.acts import LEAVE_SMS
from domain.evidence.chains import BEGINNING, SEALED_AFTER
from domain.journal import Actor, EventKind
from services.evidence import chain_checks
from services.evidence.chain_checks import ChainCheck
from services.evidence.sealing_days import DaySealer
from store import Database
from store.evidence import days
from store.evidence.days import JournalDay
from store.people import journal
from store.people.journal import JournalEntry
from store.rights import erasing
from tests.clocks import START, FakeClock
from tests.factories import make_account
from tests.unguarded import unguarded

DAY = timedelta(days=1)
MIDNIGHT = datetime(2026, 3, 3, tzinfo=UTC)


def happen(database: Database, account_id: str, kind: EventKind, *, at: datetime, **detail: str) -> None:
    with database.transaction() as session:
        journal.append(session, account_id, kind, at=at, actor=Actor.STAFF, **detail)


def checked(database: Database, most_entries: int | None = None) -> ChainCheck:
    with database.reading() as session:
        return chain_checks.check(session, most_entries=most_entries)


def faults(database: Database) -> list[tuple[date, str]]:
    return [(fault.day, fault.says) for fault in checked(database).faults]


@pytest.fixture
def account_id(database: Database) -> str:
    with database.transaction() as session:
        return make_account(session).account_id


@pytest.fixture
def three_days(database: Database, clock: FakeClock, account_id: str) -> DaySealer:
    """Two days with entries and a quiet one between them, all of them sealed."""
    happen(database, account_id, EventKind.NOTED, at=START, reason="typed by hand")
    happen(database, account_id, EventKind.PASSKEY_BOUND, at=START, passkey_id="a")
    happen(database, account_id, EventKind.EXEMPTED, at=START + 2 * DAY, rest="other", by="sam")
    sealer = DaySealer(database, clock)
    clock.set(MIDNIGHT + 2 * DAY + SEALED_AFTER)
    assert sealer.seal_due() == 3
    return sealer


def test_days_are_sealed_one_behind_the_other_when_they_are_over(
    database: Database, clock: FakeClock, account_id: str
) -> None:
    sealer = DaySealer(database, clock)
    assert sealer.seal_due() == 0
    happen(database, account_id, EventKind.NOTED, at=START)
    clock.set(MIDNIGHT + SEALED_AFTER - timedelta(seconds=1))
    assert sealer.seal_due() == 0
    clock.set(MIDNIGHT + SEALED_AFTER)
    assert sealer.seal_due() == 1
    assert sealer.seal_due() == 0
    clock.advance(3 * DAY)
    assert sealer.seal_due() == 3
    with database.reading() as session:
        links = days.every(session)
    assert [(link.day, link.entries) for link in links] == [
        (START.date() + n * DAY, n == 0) for n in range(4)
    ]
    assert [link.previous for link in links] == [BEGINNING, *(link.digest for link in links[:-1])]


def test_what_is_written_late_belongs_to_the_day_in_which_it_is_written(
    database: Database, three_days: DaySealer, clock: FakeClock, account_id: str
) -> None:
    happen(database, account_id, EventKind.MESSAGE_BOUNCED, at=START)
    clock.advance(DAY)
    assert three_days.seal_due() == 1
    assert faults(database) == []
    with database.reading() as session:
        assert [link.entries for link in days.every(session)] == [2, 0, 1, 1]


def test_an_erasure_breaks_no_day(database: Database, three_days: DaySealer, account_id: str) -> None:
    with database.transaction() as session:
        erasing.erase(session, account_id, LEAVE_SMS, at=START + 3 * DAY, by="sue", together_with="sam")
    with database.reading() as session:
        entries = journal.of_account(session, account_id)
    assert "reason" not in entries[0].detail
    assert checked(database).compared == 3
    assert faults(database) == []


def test_a_changed_a_lost_and_a_slipped_in_entry_show_on_their_day(
    database: Database, three_days: DaySealer, account_id: str
) -> None:
    first, _, last = START.date(), START.date() + DAY, START.date() + 2 * DAY
    changed = "an entry is not what it was when the day was sealed"
    with database.transaction() as session, unguarded(session):
        session.execute(
            update(JournalEntry).where(col(JournalEntry.kind) == EventKind.EXEMPTED).values(actor="person")
        )
    assert faults(database) == [(last, changed)]
    with database.transaction() as session, unguarded(session):
        session.execute(delete(JournalEntry).where(col(JournalEntry.kind) == EventKind.PASSKEY_BOUND))
    assert faults(database)[1:] == [(first, "it was sealed with 2 entries, and there are 1")]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"entries": 9}, "the digest is not that of the day"),
        ({"digest": "0" * 64}, "it does not follow from the day before"),
        ({"last_entry_id": 1}, "the digest is not that of the day"),
        ({"leaves": b"1" * 32}, "the digests of the entries are not those of the day"),
    ],
)
def test_a_changed_day_shows(
    database: Database, three_days: DaySealer, changes: dict[str, object], says: str
) -> None:
    quiet_day = START.date() + DAY
    with database.transaction() as session, unguarded(session):
        session.execute(update(JournalDay).where(col(JournalDay.day) == quiet_day).values(**changes))
    assert says in [words for _, words in faults(database)]


def test_a_lost_day_shows(database: Database, three_days: DaySealer) -> None:
    with database.transaction() as session, unguarded(session):
        session.execute(delete(JournalDay).where(col(JournalDay.day) == START.date() + DAY))
    assert faults(database)[0] == (START.date() + 2 * DAY, "it does not follow from the day before")
    with database.transaction() as session, unguarded(session):
        session.execute(delete(JournalDay).where(col(JournalDay.day) == START.date()))
    assert (START.date() + 2 * DAY, "the chain does not begin here") in faults(database)


def test_two_workers_that_seal_at_once_keep_one_chain(
    database: Database, clock: FakeClock, account_id: str
) -> None:
    first, second = DaySealer(database, clock), DaySealer(database, clock)
    happen(database, account_id, EventKind.NOTED, at=START)
    clock.set(MIDNIGHT + SEALED_AFTER)
    assert (first.seal_due(), second.seal_due()) == (1, 0)
    assert faults(database) == []


def test_a_look_at_the_newest_entries_compares_no_more_than_it_may(
    database: Database, three_days: DaySealer
) -> None:
    assert checked(database, most_entries=1).compared == 2
    assert checked(database, most_entries=3).compared == 3


def test_what_is_under_way_at_midnight_is_waited_for(postgresql_database: Database, clock: FakeClock) -> None:
    with postgresql_database.transaction() as session:
        account_id = make_account(session).account_id
        journal.append(session, account_id, EventKind.NOTED, at=START, actor=Actor.STAFF)
    clock.set(MIDNIGHT + SEALED_AFTER)
    sealer = DaySealer(postgresql_database, clock)
    with postgresql_database.transaction() as late:
        journal.append(late, account_id, EventKind.PAUSED, at=START, actor=Actor.STAFF)
        assert sealer.seal_due() == 0
    assert sealer.seal_due() == 1
    assert faults(postgresql_database) == []
