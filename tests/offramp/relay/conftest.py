"""A post office for the tests of sending."""

from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING

import pytest

from store import Database

if TYPE_CHECKING:
    from temporalio.testing import WorkflowEnvironment

    from tests.offramp.relay.post_office import PostOffice
    from tests.providers.standins import StandIn


@pytest.fixture
def providers() -> Iterator["StandIn"]:
    from tests.providers.standins import StandIn

    with StandIn() as started:
        yield started


@pytest.fixture
async def office(
    environment: "WorkflowEnvironment", database: Database, providers: "StandIn"
) -> AsyncIterator["PostOffice"]:
    from tests.offramp.relay.post_office import PostOffice
    from tests.temporal import end_journeys

    yield PostOffice(database, environment, providers)
    await end_journeys(environment.client, database)
