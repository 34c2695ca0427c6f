"""The mark rises with the journal, and keeps what was there when the database has lost some of it."""

from pathlib import Path

import pytest
from sqlmodel import col, delete
from structlog.testing import capture_logs

from domain.journal import Actor, EventKind
from offramp.metrics import metrics
from offramp.relay import high_water
from offramp.relay.high_water import Extent, HighWater, MarkKeeper
from store import Database
from store.engine import epochs
from store.people import journal
from store.people.journal import JournalEntry
from tests.absences import nobody_there
from tests.clocks import START, FakeClock
from tests.factories import make_account
from tests.unguarded import unguarded


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "offramp.db.mark"


@pytest.fixture
def keeper(sqlite_database: Database, path: Path, clock: FakeClock) -> MarkKeeper:
    return MarkKeeper(sqlite_database, path, clock=clock)


def live(database: Database, entries: int) -> None:
    with database.transaction() as session:
        account = make_account(session)
        for _ in range(entries):
            journal.append(session, account.account_id, EventKind.SIGNED_IN, at=START, actor=Actor.PERSON)


def lose(database: Database, entries: int) -> None:
    """Take the newest entries away, as no code of ours can."""
    with database.transaction() as session, unguarded(session):
        newest = journal.newest_id(session)
        session.execute(delete(JournalEntry).where(col(JournalEntry.entry_id) > newest - entries))


def test_it_rises_and_is_its_owners_alone(sqlite_database: Database, keeper: MarkKeeper, path: Path) -> None:
    for total in (3, 6):
        live(sqlite_database, 3)
        keeper.note()
        mark = high_water.read(path)
        assert mark is not None
        assert mark == HighWater(most=Extent(entry_id=total, accounts=total // 3), at=START)
    assert path.stat().st_mode & 0o077 == 0


def test_a_fall_is_said_once_and_stays_until_somebody_removes_it(
    sqlite_database: Database, keeper: MarkKeeper, path: Path, clock: FakeClock
) -> None:
    live(sqlite_database, 5)
    keeper.note()
    lose(sqlite_database, 2)
    with capture_logs() as lines:
        keeper.note()
        live(sqlite_database, 9)
        MarkKeeper(sqlite_database, path, clock=clock).note()
    assert [line["event"] for line in lines] == ["journal_fell"]
    mark = high_water.read(path)
    assert mark
    assert (mark.most.entry_id, mark.fell_to) == (5, Extent(entry_id=3, accounts=1))
    path.unlink()
    MarkKeeper(sqlite_database, path, clock=clock).note()
    assert high_water.read(path) == HighWater(most=Extent(entry_id=12, accounts=2), at=START)


def test_accounts_that_are_missing_are_a_fall_too() -> None:
    assert Extent(entry_id=7, accounts=1).lacks(Extent(entry_id=7, accounts=2))
    assert not Extent(entry_id=7, accounts=2).lacks(Extent(entry_id=7, accounts=2))


def test_prometheus_hears_of_a_fall_until_another_epoch_begins(
    sqlite_database: Database, keeper: MarkKeeper
) -> None:
    def said() -> float:
        keeper.note()
        (family,) = metrics.DATABASE_ROWS_LOST.collect()
        return family.samples[0].value

    live(sqlite_database, 5)
    assert said() == 0
    lose(sqlite_database, 2)
    assert [said(), said()] == [1, 1]
    with sqlite_database.transaction() as session:
        epochs.renew(session, by="ada", at=START)
    assert said() == 0


def test_another_epoch_begins_anew_on_every_machine(
    sqlite_database: Database, keeper: MarkKeeper, path: Path
) -> None:
    live(sqlite_database, 5)
    keeper.note()
    lose(sqlite_database, 2)
    keeper.note()
    with sqlite_database.transaction() as session:
        epoch = epochs.renew(session, by="ada", at=START)
    with capture_logs() as lines:
        keeper.note()
    assert lines == []
    most = Extent(entry_id=3, accounts=1, epoch=epoch)
    assert high_water.read(path) == HighWater(most=most, at=START)
    assert Extent(entry_id=9, accounts=9).lacks(most), (
        "a backup of before, and nobody has begun another epoch"
    )


def test_without_a_place_for_the_file_the_process_remembers(
    sqlite_database: Database, tmp_path: Path, clock: FakeClock
) -> None:
    keeper = MarkKeeper(sqlite_database, tmp_path / "nowhere" / "mark", clock=clock)
    live(sqlite_database, 5)
    keeper.note()
    lose(sqlite_database, 1)
    with capture_logs() as lines:
        keeper.note()
        keeper.note()
    assert [line["event"] for line in lines] == ["journal_fell"]


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"most": {"entry_id": 1}, "at": "x", "fell_to": null}'])
def test_a_mark_that_cannot_be_read_is_none(
    sqlite_database: Database, keeper: MarkKeeper, path: Path, text: str
) -> None:
    path.write_text(text)
    assert high_water.read(path) is None
    live(sqlite_database, 1)
    keeper.note()
    assert high_water.read(path)


def test_a_database_that_is_away_leaves_the_mark(
    sqlite_database: Database, keeper: MarkKeeper, path: Path
) -> None:
    live(sqlite_database, 5)
    keeper.note()
    before = path.read_text()
    with nobody_there(sqlite_database), pytest.raises(Exception, match="does not answer"):
        keeper.note()
    assert path.read_text() == before
