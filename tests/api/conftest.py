"""Fixtures of the pages' tests."""

import pytest

from store import Database
from tests.api.world import Browser, World, make_world
from tests.authenticator import Authenticator
from tests.clocks import FakeClock


@pytest.fixture
def world(sqlite_database: Database, clock: FakeClock) -> World:
    """A running Offramp on a fresh database."""
    return make_world(sqlite_database, clock)


@pytest.fixture
def browser(world: World) -> Browser:
    """A browser with nothing in it."""
    return world.browser()


@pytest.fixture
def phone(world: World) -> Authenticator:
    """A phone whose passkeys are synced."""
    return world.authenticator()
