"""Doctor does not call a database well that takes no writes, is damaged, or has lost rows."""

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.journal import Actor, EventKind
from offramp.checkup import database_checks
from offramp.checkup.database_checks import database_findings
from offramp.checkup.findings import Diagnosis, Finding
from offramp.config.settings import Settings
from offramp.relay import high_water
from offramp.relay.high_water import MarkKeeper
from store import Database
from store.people import journal
from tests.absences import only_read
from tests.clocks import START, FakeClock
from tests.factories import make_account


@pytest.fixture
def kept(settings: Settings, migrated_sqlite: Path) -> Iterator[Database]:
    """The database that the settings name, as a worker has opened it."""
    settings.home.mkdir()
    shutil.copy(migrated_sqlite, settings.home / "offramp.db")
    database = Database(settings.database_url)
    yield database
    database.close()


def found(settings: Settings, database: Database) -> dict[str, Finding]:
    return {finding.name: finding for finding in database_findings(settings, database, now=START)}


def live(database: Database) -> None:
    with database.transaction() as session:
        account = make_account(session)
        for _ in range(40):
            journal.append(session, account.account_id, EventKind.SIGNED_IN, at=START, actor=Actor.PERSON)


def test_a_whole_database_with_room_is_well(settings: Settings, kept: Database) -> None:
    findings = found(settings, kept)
    assert list(findings) == ["database_writes", "database_room", "database_file"]
    assert {finding.verdict for finding in findings.values()} == {Diagnosis.WELL}


def test_one_that_can_only_be_read_is_not(settings: Settings, kept: Database) -> None:
    with only_read(kept):
        finding = found(settings, kept)["database_writes"]
    assert (finding.verdict, finding.detail) == (
        Diagnosis.UNWELL,
        "the database can only be read: attempt to write a readonly database",
    )


def test_little_room_is_told_before_it_is_none(
    settings: Settings, kept: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = shutil.disk_usage(settings.home).free
    monkeypatch.setattr(database_checks, "LEAST_ROOM", free * 2)
    finding = found(settings, kept)["database_room"]
    assert finding.verdict is Diagnosis.UNWELL
    assert finding.detail.startswith("only ")


def test_a_damaged_page_is_found(settings: Settings, kept: Database) -> None:
    live(kept)
    kept.engine.dispose()
    path = settings.home / "offramp.db"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        root = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'ix_journal_kind'"
        ).fetchone()[0]
        size = connection.execute("PRAGMA page_size").fetchone()[0]
    connection.close()
    with path.open("r+b") as file:
        file.seek((root - 1) * size)
        file.write(b"\x0a" + b"\xff" * (size - 1))
    assert found(settings, kept)["database_file"].verdict is Diagnosis.UNWELL


def test_a_log_that_was_overwritten_shows(settings: Settings, kept: Database, clock: FakeClock) -> None:
    keeper = MarkKeeper(kept, high_water.path_of(settings), clock=clock)
    live(kept)
    kept.engine.dispose()  # the last connection brings the log into the file
    with kept.reading() as session:  # keeps the next log open, as a worker that was killed leaves it
        journal.newest_id(session)
        live(kept)
        live(kept)
        keeper.note()
        assert found(settings, kept)["database_losses"].verdict is Diagnosis.WELL
        shutil.copy(settings.home / "offramp.db", settings.home / "killed.db")
    kept.engine.dispose()
    for name in ("offramp.db", "offramp.db-wal", "offramp.db-shm"):
        (settings.home / name).unlink(missing_ok=True)
    (settings.home / "killed.db").rename(settings.home / "offramp.db")
    (settings.home / "offramp.db-wal").write_bytes(b"\0" * 4096)
    findings = found(settings, kept)
    assert findings["database_file"].verdict is Diagnosis.WELL, "what is left fits together"
    losses = findings["database_losses"]
    assert losses.verdict is Diagnosis.UNWELL
    assert "123 entries of the journal and 3 accounts, and then only 41 and 1" in losses.detail or (
        "120 entries of the journal and 3 accounts, and then only 40 and 1" in losses.detail
    )
    keeper.note()
    live(kept)
    live(kept)
    live(kept)
    assert found(settings, kept)["database_losses"].verdict is Diagnosis.UNWELL, "new rows do not hide it"
