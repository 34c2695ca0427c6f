"""A process of its own that answers at a port of this machine, for as long as a benchmark asks it."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

from store import Database, schema
from tests.postgres import Unavailable, running_server

_STARTS_WITHIN_SECONDS = 180.0


@dataclass(frozen=True, kw_only=True)
class ServedProcess:
    """Where it answers, and the process itself, which may have children that work for it."""

    port: int
    process: psutil.Process

    def worked(self) -> float:
        """How many seconds of the processor's time it and its children have used."""
        processes = [self.process, *self.process.children(recursive=True)]
        times = [process.cpu_times() for process in processes]
        return float(sum(time.user + time.system for time in times))

    def resident(self) -> int:
        """How many bytes of memory it has."""
        return int(self.process.memory_info().rss)


@dataclass(frozen=True, kw_only=True)
class Place:
    """A migrated database, whose kind is its `name`, and a directory for what else a process keeps."""

    name: str
    url: str
    home: Path

    @property
    def settings(self) -> dict[str, str]:
        """The settings of Offramp there."""
        return {
            "OFFRAMP_HOME": str(self.home),
            "OFFRAMP_DATABASE_URL": self.url,
            "OFFRAMP_METRICS_PORT": "0",
            "OFFRAMP_LOG_FORMAT": "json",
        }


def places(only: str | None) -> Iterator[Place]:
    """A place on SQLite, and one on PostgreSQL where it is installed; each is gone when the next one is asked for."""
    for name, opened in (("SQLite", _sqlite), ("PostgreSQL", _postgresql)):
        if only not in (None, name.lower()):
            continue
        try:
            with TemporaryDirectory(prefix="offramp-benchmark-") as home, opened(Path(home)) as url:
                yield Place(name=name, url=url, home=Path(home))
        except Unavailable as reason:
            print(f"{name}: not measured, {reason}")


@contextmanager
def served(command: Sequence[str], settings: Mapping[str, str]) -> Iterator[ServedProcess]:
    """Run a Python command that takes its port from the setting `OFFRAMP_API_PORT`."""
    port = _free_port()
    environment = {**os.environ, **settings, "OFFRAMP_API_PORT": str(port)}
    child = subprocess.Popen([sys.executable, *command], env=environment, stdout=subprocess.DEVNULL)
    try:
        _wait_for(port, child)
        yield ServedProcess(port=port, process=psutil.Process(child.pid))
    finally:
        child.terminate()
        child.wait()


@contextmanager
def _sqlite(home: Path) -> Iterator[str]:
    yield _migrated(f"sqlite:///{home / 'offramp.db'}")


@contextmanager
def _postgresql(_home: Path) -> Iterator[str]:
    with running_server() as server, server.fresh_database() as url:
        yield _migrated(url)


def _migrated(url: str) -> str:
    database = Database(url)
    schema.migrate(database)
    database.close()
    return url


def _wait_for(port: int, child: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + _STARTS_WITHIN_SECONDS
    while child.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            time.sleep(0.1)
        else:
            return
    sys.exit("the server did not start")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
