"""Transactions commit whole or not at all, and writers take turns without starving or failing."""

import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import psycopg
import pytest
from sqlmodel import text

from domain.errors import Unknown
from domain.journal import Actor, EventKind
from store import Database
from store.engine.absences import DatabaseAway
from store.engine.turns import FirstComeLock
from store.people import accounts, journal
from tests.clocks import START
from tests.factories import make_account
from tests.store.racing import at_once
from tests.waiting import wait_until

OTHER_PROCESS = """
import sys
from datetime import UTC, datetime
from domain.journal import Actor, EventKind
from store import Database
from store.people import journal

url, account_id, times = sys.argv[1], sys.argv[2], int(sys.argv[3])
database = Database(url)
for _ in range(times):
    with database.transaction() as session:
        kind = EventKind.SIGNED_IN
        journal.append(session, account_id, kind, at=datetime.now(UTC), actor=Actor.PERSON)
database.close()
"""


def sign_in(database: Database, account_id: str) -> int:
    with database.transaction() as session:
        return journal.append(session, account_id, EventKind.SIGNED_IN, at=START, actor=Actor.PERSON)


def test_a_transaction_that_fails_changes_nothing(database: Database) -> None:
    def add_one_and_fail() -> None:
        with database.transaction() as session:
            make_account(session)
            accounts.get(session, "nobody")

    with pytest.raises(Unknown):
        add_one_and_fail()
    with database.reading() as session:
        assert accounts.count(session) == 0


def test_after_a_failure_the_next_writer_gets_its_turn(database: Database, account_id: str) -> None:
    with pytest.raises(Unknown), database.transaction() as session:
        accounts.lock(session, "nobody")
    assert sign_in(database, account_id) == 1


def test_a_connection_that_is_in_use_when_the_database_is_closed_ends_with_its_use(
    database: Database,
) -> None:
    with database.reading() as session:
        connection = session.connection().connection.dbapi_connection
        assert connection is not None
        database.close()
    with pytest.raises((sqlite3.ProgrammingError, psycopg.OperationalError), match="closed"):
        connection.cursor()


def test_reading_does_not_wait_for_a_writer_and_sees_nothing_half_done(database: Database) -> None:
    with database.transaction() as writing:
        make_account(writing)
        with database.reading() as session:
            assert accounts.count(session) == 0
    with database.reading() as session:
        assert accounts.count(session) == 1


def test_a_database_answers_a_ping_and_where_none_is_nothing_does(database: Database, tmp_path: Path) -> None:
    database.ping()
    other_file = tmp_path / "offramp.db"
    other_file.write_text("This is a letter, and no database. " * 100)
    elsewhere = {
        "sqlite": f"sqlite:///{other_file}",
        "postgresql": f"postgresql+psycopg://nobody@/nothing?host={tmp_path}",
    }
    away = Database(elsewhere[database.engine.dialect.name])
    with pytest.raises(DatabaseAway):
        away.ping()
    away.close()


def test_threads_that_write_at_once_all_succeed(database: Database, account_id: str) -> None:
    assert sorted(at_once(lambda: sign_in(database, account_id), times=12)) == list(range(1, 13))


def test_processes_that_write_at_once_all_succeed(database: Database, account_id: str) -> None:
    times = 40
    command = [sys.executable, "-c", OTHER_PROCESS, database.engine.url.render_as_string(hide_password=False)]
    others = [subprocess.Popen([*command, account_id, str(times)]) for _ in range(2)]
    for _ in range(times):
        sign_in(database, account_id)
    assert [other.wait(60) for other in others] == [0, 0]
    with database.reading() as session:
        assert accounts.get(session, account_id).facts_version == 3 * times


@pytest.fixture
def lock() -> FirstComeLock:
    return FirstComeLock(60)


def queue_up(lock: FirstComeLock, served: list[int], number: int) -> threading.Thread:
    """A thread that is known to wait for its turn."""

    def take_a_turn() -> None:
        with lock:
            served.append(number)

    waiting = len(lock._waiting)
    thread = threading.Thread(target=take_a_turn)
    thread.start()
    wait_until(lambda: len(lock._waiting) > waiting, "the thread stands in line")
    return thread


def test_writers_are_served_in_the_order_of_their_arrival() -> None:
    lock, served = FirstComeLock(60), list[int]()
    with lock:
        threads = [queue_up(lock, served, number) for number in range(8)]
    for thread in threads:
        thread.join(10)
    assert served == list(range(8))


def test_a_turn_that_was_given_up_goes_to_the_next() -> None:
    lock, served = FirstComeLock(60), list[int]()
    with lock:
        first = queue_up(lock, served, 1)
        given_up = lock._waiting[0]
        lock._give_up(given_up)
        second = queue_up(lock, served, 2)
    second.join(10)
    assert served == [2]
    given_up.set()
    first.join(10)


def test_a_turn_that_was_given_up_just_as_it_came_goes_to_the_next() -> None:
    lock = FirstComeLock(60)
    lock.__enter__()
    lock._give_up(threading.Event())
    assert lock._taken is False


@pytest.mark.postgres
def test_postgresql_compiles_no_query(postgresql_database: Database) -> None:
    with postgresql_database.reading() as session:
        assert session.execute(text("SHOW jit")).scalar_one() == "off"


def test_a_passkey_that_was_kept_survives_a_power_cut(sqlite_database: Database) -> None:
    with sqlite_database.reading() as session:
        (level,) = session.execute(text("PRAGMA synchronous")).one()
        (journal_mode,) = session.execute(text("PRAGMA journal_mode")).one()
    assert (journal_mode, level) == ("wal", 2), "2 is FULL: the log is on the disk before a commit returns"
