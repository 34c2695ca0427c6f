"""A database that cannot be used is one error, with its reason in one word, whatever the driver says."""

import socket
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.exc import OperationalError
from sqlmodel import text

from domain.errors import Unknown
from store import Database, revisions, schema
from store.engine import engines, small_writes
from store.engine.absences import Absence, DatabaseAway, absence_of
from store.engine.engines import Pool
from store.engine.turns import FirstComeLock
from store.people import accounts
from tests.absences import full_disk, nobody_there, only_read
from tests.clocks import START
from tests.factories import make_account


def missed(database: Database) -> list[DatabaseAway]:
    """What a database tells of from now on."""
    heard: list[DatabaseAway] = []
    database.on_absence = heard.append
    return heard


def write(database: Database) -> None:
    small_writes.try_one(database, "test", at=START)


def look(database: Database) -> None:
    with database.glance() as connection:
        connection.execute(text("SELECT 1"))


def grow(database: Database) -> None:
    with database.transaction() as session:
        for number in range(40):
            make_account(session, external_id=f"{number}-{'x' * 400}")


@pytest.mark.parametrize(
    ("sqlstate", "absence"),
    [
        ("08006", Absence.AWAY),
        ("53300", Absence.CROWDED),
        ("53100", Absence.FULL),
        ("25006", Absence.READ_ONLY),
        ("55P03", Absence.BUSY),
        ("40P01", Absence.BUSY),
        ("57P01", Absence.AWAY),
        ("57P03", Absence.AWAY),
        ("58030", Absence.FAILING),
        ("23505", None),
        ("42P01", None),
        ("22001", None),
    ],
)
def test_postgresql_says_by_its_code_why_it_cannot_be_used(sqlstate: str, absence: Absence | None) -> None:
    error = psycopg.errors.lookup(sqlstate)("the whole of it")
    assert absence_of(OperationalError("SELECT", {}, error)) is absence


@pytest.mark.parametrize(
    ("words", "absence"),
    [
        ("connection failed: Connection refused", Absence.AWAY),
        ("FATAL:  sorry, too many clients already", Absence.CROWDED),
        ("FATAL:  remaining connection slots are reserved for roles with SUPERUSER", Absence.CROWDED),
    ],
)
def test_whoever_gets_no_connection_has_no_code(words: str, absence: Absence) -> None:
    assert absence_of(psycopg.OperationalError(words)) is absence
    assert absence_of(psycopg.ProgrammingError(words)) is None


def test_a_server_that_takes_the_connection_and_says_nothing_is_away() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgresql+psycopg://nobody@127.0.0.1:{silent.getsockname()[1]}/nothing?connect_timeout=2"
        database = Database(url)
        heard = missed(database)
        with pytest.raises(DatabaseAway):
            database.ping()
    assert [away.absence for away in heard] == [Absence.AWAY]


def test_a_mistake_of_ours_is_none(sqlite_database: Database) -> None:
    with pytest.raises(OperationalError, match="no such table"), sqlite_database.reading() as session:
        session.execute(text("SELECT * FROM nowhere"))
    heard = missed(sqlite_database)
    with pytest.raises(Unknown), sqlite_database.reading() as session:
        accounts.get(session, "nobody")
    sqlite_database.on_absence = None
    assert heard == []


def test_nobody_there_is_told_by_every_way_to_use_it(sqlite_database: Database) -> None:
    heard = missed(sqlite_database)
    uses: list[Callable[[Database], object]] = [Database.ping, write, revisions.current, look]
    with nobody_there(sqlite_database):
        for use in uses:
            with pytest.raises(DatabaseAway, match="the database does not answer") as away:
                use(sqlite_database)
            assert away.value.absence is Absence.AWAY
            assert away.value.__cause__ is None, "Temporal would keep what the driver said"
    sqlite_database.on_absence = None
    assert [away.reason for away in heard] == ["unable to open database file"] * len(uses)
    sqlite_database.ping()


def test_a_full_disk_can_be_read_and_not_written(sqlite_database: Database) -> None:
    with full_disk(sqlite_database):
        with pytest.raises(DatabaseAway, match="disk") as away:
            grow(sqlite_database)
        assert away.value.absence is Absence.FULL
        with sqlite_database.reading() as session:
            assert accounts.count(session) == 0
    grow(sqlite_database)


def test_a_file_that_can_only_be_read_is_found_by_a_small_write(sqlite_database: Database) -> None:
    with only_read(sqlite_database):
        sqlite_database.ping()
        with pytest.raises(DatabaseAway, match="only be read"):
            write(sqlite_database)
    write(sqlite_database)


def test_a_lock_that_stays_is_not_waited_for_for_ever(
    migrated_sqlite: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "LONGEST_LOCK", engines.LONGEST_LOCK / 150)
    path = tmp_path / "copy.db"
    path.write_bytes(migrated_sqlite.read_bytes())
    database = Database(f"sqlite:///{path}")
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseAway) as away:
        write(database)
    assert away.value.absence is Absence.BUSY
    holder.execute("ROLLBACK")
    write(database)
    holder.close()
    database.close()


def test_a_writer_whose_turn_does_not_come_gives_up_and_keeps_nobody_waiting() -> None:
    lock, served = FirstComeLock(0.05), list[str]()
    with lock, pytest.raises(DatabaseAway), lock:
        served.append("never")
    with lock:
        served.append("the next")
    assert served == ["the next"]


def test_no_connection_is_waited_for_for_ever(migrated_sqlite: Path) -> None:
    pool = Pool(most=2, wait=engines.LONGEST_LOCK / 300)
    database = Database(f"sqlite:///{migrated_sqlite}", pool=pool)
    with database.reading() as first, database.reading() as second:
        for session in (first, second):
            session.execute(text("SELECT 1"))
        with pytest.raises(DatabaseAway, match="no connection free"):
            database.ping()
    database.ping()
    database.close()


def wait_shortly(database: Database, act: str) -> None:
    with database.transaction() as session:
        session.execute(text("SET LOCAL lock_timeout = '50ms'"))
        session.execute(text(act))


@pytest.mark.postgres
def test_postgresql_gives_up_on_a_lock_and_a_migration_does_not(postgresql_database: Database) -> None:
    with postgresql_database.transaction() as holder:
        holder.execute(text("LOCK TABLE small_write IN ACCESS EXCLUSIVE MODE"))
        with pytest.raises(DatabaseAway) as away:
            wait_shortly(postgresql_database, "SELECT * FROM small_write")
    assert away.value.absence is Absence.BUSY
    with postgresql_database.reading() as session:
        assert session.execute(text("SHOW lock_timeout")).scalar_one() == "15s"
    assert schema.migrate(postgresql_database) == []


def be_ended(database: Database) -> None:
    with database.transaction() as session:
        own = session.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with database.transaction() as other:
            other.execute(text(f"SELECT pg_terminate_backend({own}, 5000)"))
        session.execute(text("SELECT 1"))


@pytest.fixture
def ended_connections(postgresql_database: Database) -> Iterator[None]:
    """Let no later test use a connection that was ended: one that has rested for a moment only is trusted."""
    yield
    postgresql_database.engine.dispose()


@pytest.mark.postgres
@pytest.mark.usefixtures("ended_connections")
def test_a_connection_that_the_server_ends_is_one_more_absence(postgresql_database: Database) -> None:
    with pytest.raises(DatabaseAway) as away:
        be_ended(postgresql_database)
    assert away.value.absence is Absence.AWAY
    assert "terminating connection" in away.value.reason
    postgresql_database.ping()


@pytest.mark.postgres
@pytest.mark.usefixtures("ended_connections")
def test_a_connection_that_the_server_ended_while_it_rested_is_replaced_before_anybody_uses_it(
    postgresql_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "_TRUSTED_SECONDS", 0.0)
    with postgresql_database.reading() as session, postgresql_database.reading() as other:
        rested = session.execute(text("SELECT pg_backend_pid()")).scalar_one()
        other.execute(text("SELECT 1"))
    with psycopg.connect(_dsn(postgresql_database), autocommit=True) as third:
        third.execute("SELECT pg_terminate_backend(%s, 5000)", [rested])
    with postgresql_database.glance() as connection, postgresql_database.glance() as another:
        used = {each.execute(text("SELECT pg_backend_pid()")).scalar_one() for each in (connection, another)}
    assert len(used) == 2
    assert rested not in used


def _dsn(database: Database) -> str:
    return database.url.replace("postgresql+psycopg", "postgresql")


@pytest.mark.postgres
def test_no_value_of_a_row_is_in_what_is_told(postgresql_database: Database) -> None:
    with pytest.raises(DatabaseAway) as away:
        clash_for_ever(postgresql_database)
    assert away.value.absence is Absence.BUSY
    assert "+4915112345678" not in away.value.reason


def clash_for_ever(database: Database) -> None:
    """Wait for a row that another transaction holds; PostgreSQL's context names what was being written."""
    with database.transaction() as holder:
        make_account(holder, external_id="+4915112345678")
        holder.flush()
        with database.transaction() as session:
            session.execute(text("SET LOCAL lock_timeout = '50ms'"))
            make_account(session, external_id="+4915112345678")
            session.flush()
