"""Each workflow test has its own database and its own accounts, on the test run's one Temporal server."""

from collections.abc import AsyncIterator

import pytest
from temporalio.testing import WorkflowEnvironment

from domain.host.ceremonies import Ceremonies
from store import Database
from store.people.host_routes import CEREMONIES
from tests.temporal import end_journeys, journey_worker
from tests.workflows.host_lives import HostLife
from tests.workflows.lives import Life


@pytest.fixture
async def world(
    environment: WorkflowEnvironment, sqlite_database: Database
) -> AsyncIterator[tuple[WorkflowEnvironment, Database]]:
    """The server with a worker on a fresh database."""
    async with journey_worker(environment.client, sqlite_database):
        yield environment, sqlite_database
        await end_journeys(environment.client, sqlite_database)


@pytest.fixture(params=Ceremonies)
def lives(
    request: pytest.FixtureRequest, sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> type[Life]:
    """Lives of people whose ceremonies Offramp runs, and of people whose ceremonies their host runs."""
    monkeypatch.setitem(sqlite_database.notes, CEREMONIES, request.param)
    return HostLife if request.param is Ceremonies.ORCHESTRATED else Life
