"""Fixtures of the tests of what hosts tell: the services on SQLite and PostgreSQL, and a host that runs ceremonies."""

import pytest

from domain.host.ceremonies import Ceremonies
from services.container import Services
from store import Database
from store.people.host_routes import CEREMONIES
from tests.api.world import make_world
from tests.clocks import FakeClock


@pytest.fixture
def services(database: Database, clock: FakeClock) -> Services:
    """The services of a running Offramp."""
    return make_world(database, clock).services


@pytest.fixture
def orchestrated(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """The host runs the ceremonies."""
    monkeypatch.setitem(database.notes, CEREMONIES, Ceremonies.ORCHESTRATED)
