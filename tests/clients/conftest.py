"""Both clients, each against a server that answers as a test has written down."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from offramp_client import AsyncOfframp, Offramp, Retries
from store import Database
from tests.api.world import World, make_world
from tests.clients.scripted_server import ScriptedServer, scripted_server
from tests.clocks import FakeClock

KEY = "ofr_a-key-for-tests"
SOURCE = "https://shop.example"
SWIFT = Retries(first_pause=timedelta(milliseconds=1), longest_pause=timedelta(milliseconds=2))

Ask = Callable[[Callable[[Any], Any]], Awaitable[Any]]
"""Lets one of the clients do something: `await ask(lambda client: client.get_account("42"))`."""


@pytest.fixture
def world(sqlite_database: Database, clock: FakeClock) -> World:
    """A running Offramp on a fresh database."""
    return make_world(sqlite_database, clock)


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with scripted_server() as scripted:
        yield scripted


@pytest.fixture(params=["waiting", "asynchronous"])
async def ask(request: pytest.FixtureRequest, server: ScriptedServer) -> AsyncIterator[Ask]:
    if request.param == "waiting":
        with Offramp(server.origin, key=KEY, source=SOURCE, retries=SWIFT) as client:
            yield lambda do: asyncio.to_thread(do, client)
        return
    async with AsyncOfframp(server.origin, key=KEY, source=SOURCE, retries=SWIFT) as client_of_loop:
        yield lambda do: do(client_of_loop)
