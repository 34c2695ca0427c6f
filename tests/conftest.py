"""Fixtures that every room's tests share: a clock, and a fresh database on SQLite and on PostgreSQL."""

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import structlog
from hypothesis import HealthCheck, settings
from temporalio.testing import WorkflowEnvironment

from store import Database, schema
from tests.clocks import FakeClock
from tests.postgres import PostgresServer, Unavailable, running_server
from tests.temporal import time_skipping_server

settings.register_profile(
    "ci",
    deadline=None,
    derandomize=True,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("search", settings.get_profile("ci"), derandomize=False, max_examples=1000)
settings.load_profile("ci")

# A worker of a test must not write its log between the lines of the command that the test reads.
structlog.configure(logger_factory=structlog.stdlib.LoggerFactory())


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that no worker is left alone with it at the end."""
    items.sort(key=lambda item: item.get_closest_marker("processes") is None)


@pytest.fixture
def clock() -> FakeClock:
    """A clock that stands still until the test moves it."""
    return FakeClock()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest) -> Database:
    """A fresh, migrated database; the test runs once on SQLite and once on PostgreSQL."""
    opened: Database = request.getfixturevalue(f"{request.param}_database")
    return opened


@pytest.fixture
def sqlite_database(migrated_sqlite: Path, tmp_path: Path) -> Iterator[Database]:
    """A fresh, migrated SQLite database, for tests that do not ask the other kind."""
    path = tmp_path / "offramp.db"
    shutil.copy(migrated_sqlite, path)
    database = Database(f"sqlite:///{path}")
    yield database
    database.close()


@pytest.fixture
def postgresql_database(postgres: PostgresServer) -> Iterator[Database]:
    """A fresh, migrated PostgreSQL database."""
    with postgres.fresh_database() as url:
        database = Database(url)
        yield database
        database.close()


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The migrated database that the SQLite tests copy."""
    path = tmp_path_factory.mktemp("sqlite") / "migrated.db"
    database = Database(f"sqlite:///{path}")
    schema.migrate(database)
    database.close()
    return path


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """The PostgreSQL server of this test run; without one, the tests that need it are skipped."""
    try:
        with running_server() as server:
            yield server
    except Unavailable as reason:
        pytest.skip(str(reason))


@pytest.fixture(scope="session")
async def environment() -> AsyncIterator[WorkflowEnvironment]:
    """The Temporal server of this test run."""
    async with time_skipping_server() as started:
        yield started
