"""The ground on which a storm falls: Offramp's processes, kept running, their database, disk and providers."""

import asyncio
import contextlib
import os
import sys
import urllib.error
import urllib.request
from collections import ChainMap, Counter
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path

import psutil

from offramp.config.settings import Settings
from offramp.opening import opened_database
from offramp.up.children import Child, Patience, Supervisor
from offramp.up.embedded import temporal_child
from offramp.up.process_records import ProcessRecord
from store import Database
from tests.dashboards.prometheus import free_block
from tests.journeys.site import free_port
from tests.storm.clocks import LyingClock, NoLiar
from tests.storm.databases import PostgresCluster, SqliteFile, StormDatabase
from tests.storm.disks import NoDisk, SmallDisk, small_disk
from tests.storm.providers import StormProviders
from tests.storm.schedule import FaultKind
from tests.waiting import eventually

_PATIENCE = Patience(longest_restart=timedelta(seconds=4), steady_after=timedelta(seconds=10))
_MEGABYTES = 384
_READY_WITHIN = 180.0


class _WatchedRecord(ProcessRecord):
    """A record of processes that knows them, too, when the disk has no room for it."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.alive: dict[str, psutil.Process] = {}

    def add(self, name: str, pid: int) -> None:
        with contextlib.suppress(psutil.NoSuchProcess):
            self.alive[name] = psutil.Process(pid)
        super().add(name, pid)

    def remove(self, name: str) -> None:
        self.alive.pop(name, None)
        super().remove(name)


class Ground:
    """One whole Offramp. `missing` says which kinds of faults cannot be made here, and why.

    Whoever looks into its database from outside holds `quiet`, so that no restore comes in between.
    """

    def __init__(
        self, place: Path, database: StormDatabase, disk: SmallDisk | None, clock: LyingClock | None
    ) -> None:
        self.place = place
        self.home = (disk.path if disk else place) / "home"
        self.database = database
        self.disk = disk
        self.clock = clock
        self.port = free_port()
        self.providers = StormProviders(self.origin)
        self.quiet = asyncio.Lock()
        self.missing: dict[FaultKind, str] = {}
        self._metrics_port = free_block()
        self._temporal_port, self._temporal_ui_port = free_port(), free_port()
        self._record = _WatchedRecord(self.home / "up.json")
        self._starts: Counter[str] = Counter()
        self._lies: dict[str, dict[str, str]] = {"worker": {}}
        self._supervisor: Supervisor | None = None
        self._running: asyncio.Task[None] | None = None
        self._log = (place / "processes.log").open("a", buffering=1)

    @property
    def origin(self) -> str:
        """Where people reach it."""
        return f"http://localhost:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """What its processes are told."""
        return {
            "OFFRAMP_HOME": str(self.home),
            "OFFRAMP_DATABASE_URL": self.database.url,
            "OFFRAMP_API_PORT": str(self.port),
            "OFFRAMP_ORIGIN": self.origin,
            "OFFRAMP_TEMPORAL_PORT": str(self._temporal_port),
            "OFFRAMP_TEMPORAL_UI_PORT": str(self._temporal_ui_port),
            "OFFRAMP_TRUSTED_PROXIES": "1",
            "OFFRAMP_METRICS_PORT": str(self._metrics_port),
            "OFFRAMP_METRICS_SECONDS": "2",
            "OFFRAMP_EMAILS_PER_SECOND": "0",
            "OFFRAMP_TEXTS_PER_SECOND": "0",
            **self.providers.settings,
        }

    @property
    def settings(self) -> Settings:
        """The same, read."""
        given = {name.removeprefix("OFFRAMP_").lower(): value for name, value in self.environment.items()}
        return Settings.model_validate({name: given[name] for name in Settings.model_fields if name in given})

    def opened(self) -> Database:
        """Its database, looked at from outside; whoever opens it closes it."""
        return Database(self.database.url)

    def process(self, name: str) -> psutil.Process | None:
        """One of its processes, if it runs now."""
        return self._record.alive.get(name)

    async def start(self) -> None:
        """Start everything, and wait until it is ready."""
        self._supervisor = Supervisor(
            self._children(), record=self._record, say=self._say, own_name="storm", patience=_PATIENCE
        )
        self._running = asyncio.create_task(self._supervisor.run())
        await eventually(self._is_ready, "Offramp is ready", within=_READY_WITHIN)

    async def stop(self) -> None:
        """Stop everything."""
        if self._supervisor and self._running:
            self._supervisor.stop()
            await self._running
            self._supervisor = self._running = None

    async def lie(self, name: str, seconds: int) -> None:
        """Start a process again, with a clock that is wrong by so many seconds, and wait until it works; 0 is right."""
        lies, starts = self._lies[name], self._starts[name]
        lies.clear()
        lies.update(self.clock.environment(seconds) if self.clock and seconds else {})
        if process := self.process(name):
            process.kill()  # a frozen process would not hear anything else
        await eventually(lambda: self._starts[name] > starts, f"{name} works again", within=_READY_WITHIN)

    async def offramp(self, *arguments: str) -> tuple[int, str]:
        """Run a command, and return its exit code and what it says."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "offramp", *arguments),
            env={**os.environ, **self._own_environment()},
            cwd=self.home,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await process.communicate()
        return process.returncode or 0, said.decode()

    def close(self) -> None:
        """Let go of what outlives the processes."""
        self.providers.close()
        self._log.close()

    def _children(self) -> list[Child]:
        offramp, own = (sys.executable, "-m", "offramp"), self._own_environment()
        return [
            temporal_child(self.settings),
            Child(name="api", command=(*offramp, "api"), environment=own),
            Child(
                name="worker", command=(*offramp, "worker"), environment=ChainMap(self._lies["worker"], own)
            ),
            Child(name="metrics", command=(*offramp, "metrics"), environment=own),
        ]

    def _own_environment(self) -> dict[str, str]:
        named = f"127.0.0.1:{self._temporal_port}"
        return {**self.environment, "TEMPORAL_ADDRESS": named, "PYTHONUNBUFFERED": "1"}

    def _say(self, name: str, line: str) -> None:
        self._starts[name] += f"{name}_started" in line
        self._log.write(f"{name:<8} | {line}\n")

    async def _is_ready(self) -> bool:
        return await asyncio.to_thread(_answers, f"{self.origin}/readyz")


@asynccontextmanager
async def prepared_ground(place: Path, *, on_postgresql: bool) -> AsyncIterator[Ground]:
    """A ground with everything running; at the end everything is stopped. Raises Unavailable without PostgreSQL."""
    missing: dict[FaultKind, str] = {}
    with ExitStack() as stack:
        disk: SmallDisk | None = None
        try:
            disk = stack.enter_context(small_disk(place / "disk", megabytes=_MEGABYTES))
        except NoDisk as reason:
            missing[FaultKind.FULL_DISK] = str(reason)
        clock: LyingClock | None = None
        try:
            clock = LyingClock(place)
        except NoLiar as reason:
            missing[FaultKind.WRONG_CLOCK] = str(reason)
        if not on_postgresql:
            missing[FaultKind.DATABASE_RESTART] = "SQLite has no server that could be restarted"
        made = PostgresCluster if on_postgresql else SqliteFile
        database = made(disk.path if disk else place, place)
        ground = Ground(place, database, disk, clock)
        stack.callback(ground.close)
        ground.missing |= missing
        ground.home.mkdir(mode=0o700)
        database.start()
        stack.callback(database.stop)
        with opened_database(ground.settings):
            pass
        try:
            await ground.start()
            yield ground
        finally:
            await ground.stop()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=3) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
