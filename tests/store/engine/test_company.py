"""Whether anybody else is at work on a database."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from store import Database, schema
from store.engine import company
from store.engine.heartbeats import Heartbeat
from tests.clocks import START

_HOLDS = """
import sys
from store import Database
database = Database(sys.argv[1])
with database.reading() as session:
    session.connection()
print("connected", flush=True)
sys.stdin.read()
"""


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def own_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database that nobody but the test has ever been connected to."""
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path / 'own.db'}")
        schema.migrate(database)
        yield database
        database.close()
        return
    with request.getfixturevalue("postgres").fresh_database() as url:
        database = Database(url)
        yield database
        database.close()


def test_what_this_process_has_open_is_its_own(own_database: Database) -> None:
    with own_database.reading() as session:
        session.connection()
    assert company.connected(own_database) == []


@pytest.mark.processes
def test_another_process_is_found_even_when_it_does_nothing(own_database: Database) -> None:
    other = subprocess.Popen(
        [sys.executable, "-c", _HOLDS, own_database.url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert other.stdout
    assert other.stdout.readline() == "connected\n"
    assert len(company.connected(own_database)) == 1
    other.communicate("")
    assert company.connected(own_database) == []


def test_a_sign_of_life_differs_from_the_one_before(own_database: Database) -> None:
    with own_database.transaction() as session:
        beat = Heartbeat(name="worker", at=START)
        session.add(beat)
        session.flush()
        before = company.beats(session)
        assert company.beats(session) == before
        beat.at += timedelta(seconds=2)
        session.flush()
        assert company.beats(session) != before
