"""What people do at the door, as the services see it: no HTTP, and any database."""

import pytest

from services.container import Services
from store import Database
from tests.api.world import make_world
from tests.clocks import FakeClock


@pytest.fixture
def services(database: Database, clock: FakeClock) -> Services:
    """Everything that services need, on each of the databases."""
    return make_world(database, clock).services
