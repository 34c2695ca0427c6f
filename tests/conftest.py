"""Fixtures that every room's tests share: a clock, and an empty database on SQLite and on PostgreSQL.

Databases and Temporal are imported by the fixtures that need them, so that a test of pure rules starts at once.
"""

import gc
import logging
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest
import structlog
from hypothesis import HealthCheck, settings

from tests.clocks import FakeClock

if TYPE_CHECKING:
    from temporalio.testing import WorkflowEnvironment

    from store import Database
    from tests.ceremonies import PagePeople
    from tests.databases import SqliteDatabases
    from tests.postgres import PostgresServer

settings.register_profile(
    "ci",
    deadline=None,
    derandomize=True,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("search", settings.get_profile("ci"), derandomize=False, max_examples=1000)
settings.load_profile("ci")

structlog.configure(
    # Structlog's own way to show an exception writes out all variables of all frames, which takes it up to ten seconds.
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.dev.set_exc_info,
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
    ],
    # A worker of a test must not write its log between the lines of the command that the test reads.
    logger_factory=structlog.stdlib.LoggerFactory(),
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that no worker is left alone with it at the end."""
    items.sort(key=lambda item: item.get_closest_marker("processes") is None)


def pytest_collection_finish() -> None:
    """Spare the collector of garbage all that was loaded: a look through it holds up a workflow's task for seconds."""
    gc.collect()
    gc.freeze()
    if workers := sys.modules.get("temporalio.worker._workflow"):
        _wait_longer_for_workflows(workers)


def _wait_longer_for_workflows(workers: Any) -> None:
    """Temporal gives a workflow's task up after two seconds, which on a busy machine are over without any fault."""
    begin = workers._WorkflowWorker.__init__

    def begin_patiently(worker: Any, **arguments: Any) -> None:
        begin(worker, **arguments)
        worker._deadlock_timeout_seconds = 30

    workers._WorkflowWorker.__init__ = begin_patiently


@pytest.fixture(autouse=True)
def _handlers_as_before() -> Iterator[None]:
    """Take away what a test has told the root logger: its stream is closed when the next test logs."""
    root = logging.getLogger()
    handlers = root.handlers[:]
    yield
    root.handlers[:] = handlers


@pytest.fixture
def clock() -> FakeClock:
    """A clock that stands still until the test moves it."""
    return FakeClock()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest) -> "Database":
    """An empty, migrated database; the test runs once on SQLite and once on PostgreSQL."""
    opened: Database = request.getfixturevalue(f"{request.param}_database")
    return opened


@pytest.fixture(params=["hosted", "orchestrated"])
def people(request: pytest.FixtureRequest, database: "Database") -> Iterator["PagePeople"]:
    """People on a journey; the test runs once where Offramp's pages run the ceremonies, and once where the host's do.

    Tests that neither set up a way in nor look at one ask for no people: who runs the ceremonies is nothing to them.
    Tests of what Offramp's own pages do (forms, browsers, steps up, holds, device links) have no second way to run;
    the sample hosts' own pages are gone through in `tests/journeys/test_sample_hosts.py`.
    """
    from domain.host.ceremonies import Ceremonies
    from tests.ceremonies import PEOPLE, run_by

    who = Ceremonies(request.param)
    with run_by(database, who):
        yield PEOPLE[who]


@pytest.fixture
def sqlite_database(sqlite: "SqliteDatabases") -> Iterator["Database"]:
    """An empty, migrated SQLite database, for tests that do not ask the other kind."""
    with sqlite.emptied() as database:
        yield database


@pytest.fixture
def postgresql_database(request: pytest.FixtureRequest, postgres: "PostgresServer") -> Iterator["Database"]:
    """An empty, migrated PostgreSQL database.

    What other tests have deleted from theirs still takes room, and PostgreSQL plans by that.
    """
    is_new = request.node.get_closest_marker("plans") is not None
    with postgres.unused() if is_new else postgres.emptied() as database:
        yield database


@pytest.fixture(scope="session")
def sqlite() -> Iterator["SqliteDatabases"]:
    """The SQLite databases of this test run."""
    from tests.databases import SqliteDatabases, room_in_memory

    with TemporaryDirectory(prefix="offramp-sqlite-", dir=room_in_memory()) as directory:
        databases = SqliteDatabases(Path(directory))
        yield databases
        databases.close()


@pytest.fixture(scope="session")
def migrated_sqlite(sqlite: "SqliteDatabases") -> Path:
    """A migrated database without rows, for tests that copy it to a place of their own."""
    return sqlite.template


@pytest.fixture(scope="session")
def postgres() -> Iterator["PostgresServer"]:
    """The PostgreSQL server of this test run; without one, the tests that need it are skipped."""
    from tests.postgres import Unavailable, running_server

    try:
        with running_server() as server:
            yield server
    except Unavailable as reason:
        pytest.skip(str(reason))


@pytest.fixture(scope="session")
async def environment() -> AsyncIterator["WorkflowEnvironment"]:
    """The Temporal server of this test run."""
    from tests.temporal import time_skipping_server

    async with time_skipping_server() as started:
        yield started
