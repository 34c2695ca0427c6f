"""A PostgreSQL server that is frozen is given up soon; one that only takes long is waited for."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
import pytest
from sqlmodel import text

from store import Database, schema
from store.engine import silences, small_writes
from store.engine.absences import Absence, DatabaseAway
from store.engine.engines import Pool
from store.engine.wakeups import listen
from tests.api.world import make_world
from tests.clocks import START, FakeClock
from tests.postgres import room_of_its_own

pytestmark = pytest.mark.postgres

GIVEN_UP_WITHIN = 60.0
"""Seconds: two of silence, three for the knock, five to connect anew, and what a busy machine needs beside them."""


class Server:
    """A server of this module's own, to freeze."""

    def __init__(self, url: str, data: Path) -> None:
        self.url = url
        self._postmaster = psutil.Process(int((data / "postmaster.pid").read_text().splitlines()[0]))

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Nothing of it runs; the kernel still takes what comes for it."""
        processes = [self._postmaster, *self._postmaster.children(recursive=True)]
        for process in processes:
            process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            for process in processes:
                process.send_signal(signal.SIGCONT)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with room_of_its_own() as cluster, cluster.running("frozen", {}) as url:
        database = Database(url)
        schema.migrate(database)
        database.close()
        yield Server(url, cluster.home / "frozen")


@pytest.fixture
def database(server: Server) -> Iterator[Database]:
    database = Database(server.url, pool=Pool(most=3))
    yield database
    database.close()


def write(database: Database) -> None:
    small_writes.try_one(database, "test", at=START)


@pytest.mark.parametrize("use", [Database.ping, write])
def test_a_frozen_server_is_away_and_is_back_when_it_thaws(
    database: Database, server: Server, use: object
) -> None:
    assert callable(use)
    use(database)
    with server.frozen():
        began_at = time.monotonic()
        with pytest.raises(DatabaseAway) as away:
            use(database)
        assert time.monotonic() - began_at < GIVEN_UP_WITHIN
        assert away.value.absence is Absence.AWAY
    use(database)


def freeze_in_the_middle(database: Database, server: Server) -> None:
    with database.transaction() as session:
        session.execute(text("SELECT 1"))
        with server.frozen():
            session.execute(text("SELECT 2"))


def test_a_transaction_that_is_under_way_is_given_up(database: Database, server: Server) -> None:
    began_at = time.monotonic()
    with pytest.raises(DatabaseAway) as away:
        freeze_in_the_middle(database, server)
    assert "fallen silent" in away.value.reason
    assert time.monotonic() - began_at < GIVEN_UP_WITHIN
    database.ping()


def test_people_read_calmly_that_they_may_come_again(server: Server, clock: FakeClock) -> None:
    database = Database(server.url)
    browser = make_world(database, clock).browser()
    assert browser.client.get("/sign-in").status_code == 200
    with server.frozen():
        began_at = time.monotonic()
        answer = browser.client.post("/sign-in", data={"identifier": "+4915112345678"})
        assert time.monotonic() - began_at < GIVEN_UP_WITHIN
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
    assert "Please come back in a moment" in answer.text
    database.close()


def test_what_only_takes_long_is_waited_for(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(silences, "SILENT_SECONDS", 0.3)
    knocks = count_knocks(monkeypatch)
    with database.glance() as connection:
        connection.execute(text("SELECT pg_sleep(1.5)"))
    assert len(knocks) >= 2


def test_a_server_that_turns_a_knock_away_has_answered(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(silences, "SILENT_SECONDS", 0.3)
    with psycopg.connect(server.url.replace("+psycopg", ""), autocommit=True) as admin:
        admin.execute("CREATE DATABASE shut")
        shut = Database(server.url.removesuffix("postgres") + "shut")
        with shut.glance() as connection:
            connection.execute(text("SELECT 1"))
            admin.execute("ALTER DATABASE shut ALLOW_CONNECTIONS false")
            knocks = count_knocks(monkeypatch)
            connection.execute(text("SELECT pg_sleep(1)"))
        shut.close()
    assert knocks


def test_whoever_waits_for_news_knocks_never(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(silences, "SILENT_SECONDS", 0.1)
    with listen(database) as wakeups:
        knocks = count_knocks(monkeypatch)
        wakeups.wait(1.0)
    assert not knocks


def count_knocks(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    knocks: list[object] = []
    connect = psycopg.connect

    def counted(**address: object) -> object:
        knocks.append(address["host"])
        return connect(**address)  # type: ignore[arg-type]

    monkeypatch.setattr(psycopg, "connect", counted)
    return knocks
