"""Fixtures of the pages' tests."""

from pathlib import Path

import pytest

from domain.staff.staff import Role
from providers.inbox import Inbox
from providers.software_authenticator import Authenticator
from store import Database
from tests.api.console.operators import SITE, operator
from tests.api.staff.staff import Desk, at_desk
from tests.api.world import Browser, World, make_world
from tests.clocks import FakeClock
from tests.console import make_rollout
from tests.databases import SqliteDatabases


@pytest.fixture
def world(sqlite_database: Database, clock: FakeClock) -> World:
    """A running Offramp on a fresh database."""
    return make_world(sqlite_database, clock)


@pytest.fixture
def browser(world: World) -> Browser:
    """A browser with nothing in it."""
    return world.browser()


@pytest.fixture
def sam(world: World) -> Desk:
    """Support, signed in and stepped up."""
    desk = at_desk(world, Role.SUPPORT, "sam@example.com")
    desk.step_up()
    return desk


@pytest.fixture
def sue(world: World) -> Desk:
    """Another member of support, signed in and stepped up."""
    desk = at_desk(world, Role.SUPPORT, "sue@example.com")
    desk.step_up()
    return desk


@pytest.fixture
def phone(world: World) -> Authenticator:
    """A phone whose passkeys are synced."""
    return world.authenticator()


@pytest.fixture
def local(sqlite_database: Database, clock: FakeClock, tmp_path: Path) -> World:
    """Offramp in development, on this machine."""
    return make_world(sqlite_database, clock, inbox=Inbox(tmp_path / "inbox.ndjson", clock), **SITE)


@pytest.fixture
def olga(local: World) -> Browser:
    """An operator at this machine."""
    return operator(local)


@pytest.fixture
def cohort_id(local: World, sqlite: SqliteDatabases) -> str:
    """A cohort whose second wave is being watched."""
    return sqlite.filled(make_rollout)
