"""What benchmarks need: people, and a Temporal server and a database in a temporary directory."""

import asyncio
import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psutil
from temporalio.client import Client

from offramp.config.settings import Settings
from offramp.up.embedded import temporal_child
from store import Database, schema
from store.people import imports
from store.people.told_accounts import ImportedAccount
from workflows.converter import data_converter

_BATCH = 1000
_STARTS_WITHIN_SECONDS = 60.0


@dataclass(frozen=True, kw_only=True)
class Ground:
    """Where a benchmark runs."""

    settings: Settings

    @property
    def address(self) -> str:
        """Where its Temporal server listens."""
        return f"127.0.0.1:{self.settings.temporal_port}"

    async def client(self) -> Client:
        """A client like Offramp's own; waits until the server answers."""
        deadline = time.monotonic() + _STARTS_WITHIN_SECONDS
        while True:
            try:
                return await Client.connect(self.address, data_converter=data_converter)
            except RuntimeError:
                if time.monotonic() > deadline:
                    raise
                await asyncio.sleep(0.2)


@contextmanager
def ground(*, with_temporal: bool = True) -> Iterator[Ground]:
    """A fresh database and, as `offramp up` runs it, a fresh Temporal server."""
    with tempfile.TemporaryDirectory(prefix="offramp-benchmark-") as home:
        place = Ground(
            settings=Settings(
                home=Path(home),
                temporal_port=_free_port(),
                temporal_ui_port=_free_port(),
                metrics_port=0,
            )
        )
        database = Database(place.settings.database_url)
        schema.migrate(database)
        database.close()
        if not with_temporal:
            yield place
            return
        server = subprocess.Popen(temporal_child(place.settings).command, stdout=subprocess.DEVNULL)
        try:
            yield place
        finally:
            server.terminate()
            server.wait()


def populate(database: Database, count: int, *, tier: str, countries: tuple[str, ...] = ("DE",)) -> None:
    """Import people of one risk tier, from each country in turn."""
    now = datetime.now(UTC)
    for start in range(0, count, _BATCH):
        people = [
            ImportedAccount(
                external_id=f"{tier}-{number}",
                phone=f"+49151{number:08d}",
                email=f"{tier}-{number}@example.org",
                country=countries[number % len(countries)],
                risk_tier=tier,
            )
            for number in range(start, min(start + _BATCH, count))
        ]
        with database.transaction() as session:
            imports.take(session, people, at=now)


def machine() -> str:
    """The machine's size and load, without which no figure means anything."""
    memory = psutil.virtual_memory().total / 2**30
    return f"{os.cpu_count()} cores, {memory:.0f} GiB, load {os.getloadavg()[0]:.1f}"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
