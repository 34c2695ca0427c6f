"""A PostgreSQL server whose log is archived comes back to any moment, as docs/backup.md says."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from sqlmodel import text

from services.messages import restores
from store import Database, schema
from store.engine import epochs
from store.people import accounts
from tests import factories
from tests.clocks import START
from tests.postgres import Cluster, Unavailable, room_of_its_own
from tests.waiting import wait_until

pytestmark = [pytest.mark.postgres, pytest.mark.processes]


@pytest.fixture
def room() -> Iterator[Cluster]:
    """A place for servers of this test's own, with an archive."""
    try:
        with room_of_its_own() as cluster:
            yield cluster
    except Unavailable as reason:
        pytest.skip(str(reason))


def test_a_server_comes_back_to_a_moment_between_two_changes(room: Cluster) -> None:
    archive = room.directory("archive")
    archiving = {"archive_mode": "on", "archive_command": f"cp %p {archive}/%f", "wal_level": "replica"}
    with room.running("data", archiving) as url, opened(url) as database:
        schema.migrate(database)
        room.base_backup("base")
        with database.transaction() as session:
            kept = factories.make_account(session).account_id
        moment = clock_of(database)
        with database.transaction() as session:
            lost = factories.make_account(session).account_id
        switch_log(url)
    back_to = {
        "restore_command": f"cp {archive}/%f %p",
        "recovery_target_time": moment,
        "recovery_target_action": "promote",
    }
    (room.home / "base" / "recovery.signal").touch()
    with room.running("base", back_to) as url, opened(url) as database:
        until_writable(database)
        with database.transaction() as session:
            restores.begin(session, by="ada", now=START)
        with database.reading() as session:
            there = set(accounts.get_many(session, [kept]))
            assert (there, session.get(accounts.Account, lost)) == ({kept}, None)
            assert epochs.current(session) > epochs.FIRST


@contextmanager
def opened(url: str) -> Iterator[Database]:
    database = Database(url)
    try:
        yield database
    finally:
        database.close()


def until_writable(database: Database) -> None:
    """Wait until the server has come to the moment, and takes changes again."""

    def is_writable() -> bool:
        with database.reading() as session:
            return not session.execute(text("SELECT pg_is_in_recovery()")).scalar_one()

    wait_until(is_writable, "the server has come back")


def clock_of(database: Database) -> str:
    with database.reading() as session:
        return str(session.execute(text("SELECT clock_timestamp()")).scalar_one())


def switch_log(url: str) -> None:
    """Have the present piece of the log archived; a server that stops in good order waits for the archive."""
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("SELECT pg_switch_wal()")
