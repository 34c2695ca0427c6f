"""Each workflow test has its own database and its own accounts, on the test run's one Temporal server."""

from collections.abc import AsyncIterator

import pytest
from temporalio.testing import WorkflowEnvironment

from store import Database
from tests.temporal import end_journeys, journey_worker


@pytest.fixture
async def world(
    environment: WorkflowEnvironment, sqlite_database: Database
) -> AsyncIterator[tuple[WorkflowEnvironment, Database]]:
    """The server with a worker on a fresh database."""
    async with journey_worker(environment.client, sqlite_database):
        yield environment, sqlite_database
        await end_journeys(environment.client, sqlite_database)
