"""The faults of a storm: one class for each kind, which begins at one moment and ends at another."""

import asyncio
import contextlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import psutil

from tests.storm.browsers import AGAIN_FOR
from tests.storm.ground import Ground
from tests.storm.schedule import Blow, FaultKind
from tests.storm.verdict import Window


class Fault(Protocol):
    """One fault. `begin` and `end` return when it has begun, and when what it needs is there again."""

    async def begin(self) -> None:
        """Let it happen."""

    async def end(self) -> None:
        """Let it be over."""


@dataclass(kw_only=True)
class Kill:
    """A process is killed by `kill -9`; its supervisor starts another one."""

    ground: Ground
    blow: Blow

    async def begin(self) -> None:
        if process := self.ground.process(self.blow.target):
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()

    async def end(self) -> None:
        """There is nothing to be undone."""


@dataclass(kw_only=True)
class Freeze:
    """A process stands still, with its connections and claims, and goes on as if nothing had happened."""

    ground: Ground
    blow: Blow
    _process: psutil.Process | None = None

    async def begin(self) -> None:
        self._process = self.ground.process(self.blow.target)
        if self._process:
            with contextlib.suppress(psutil.NoSuchProcess):
                self._process.suspend()

    async def end(self) -> None:
        if self._process:
            with contextlib.suppress(psutil.NoSuchProcess):
                self._process.resume()


@dataclass(kw_only=True)
class FullDisk:
    """Nothing can be written to the disk that holds the database, and Temporal's."""

    ground: Ground
    blow: Blow

    async def begin(self) -> None:
        if self.ground.disk:
            await asyncio.to_thread(self.ground.disk.fill)

    async def end(self) -> None:
        if self.ground.disk:
            self.ground.disk.free()


@dataclass(kw_only=True)
class WrongClock:
    """A process is started again with a clock that lies, and later with one that is right."""

    ground: Ground
    blow: Blow

    async def begin(self) -> None:
        await self.ground.lie(self.blow.target, self.blow.offset)

    async def end(self) -> None:
        await self.ground.lie(self.blow.target, 0)


@dataclass(kw_only=True)
class ProviderTrouble:
    """Providers answer with errors, with nonsense or not at all."""

    ground: Ground
    blow: Blow

    async def begin(self) -> None:
        await asyncio.to_thread(self.ground.providers.fail, self.blow.target)

    async def end(self) -> None:
        await asyncio.to_thread(self.ground.providers.recover)


@dataclass(kw_only=True)
class DatabaseRestart:
    """The database's server ends without a word, and starts again."""

    ground: Ground
    blow: Blow

    async def begin(self) -> None:
        await asyncio.to_thread(self.ground.database.restart)

    async def end(self) -> None:
        """It answers again already."""


@dataclass(kw_only=True)
class Restore:
    """A backup is made at the beginning; at the end everything is stopped, and the backup brought back.

    `windows` has what was taken back by that.
    """

    ground: Ground
    blow: Blow
    windows: list[Window] = field(default_factory=list)
    _backed_up_at: float = 0.0

    async def begin(self) -> None:
        self._backed_up_at = time.time()
        await asyncio.to_thread(self.ground.database.back_up)

    async def end(self) -> None:
        await self.ground.stop()
        stopped_at = time.time()
        async with self.ground.quiet:
            await asyncio.to_thread(self.ground.database.bring_back)
            code, said = await self.ground.offramp("restored", "--yes")
            assert code == 0, f"offramp restored left with {code}: {said}"
        await self.ground.start()
        noticed = time.time() + AGAIN_FOR
        self.windows.append(Window(begins=self._backed_up_at, ends=stopped_at, noticed=noticed))


_CLASSES: Mapping[FaultKind, type] = {
    FaultKind.KILL: Kill,
    FaultKind.FREEZE: Freeze,
    FaultKind.FULL_DISK: FullDisk,
    FaultKind.WRONG_CLOCK: WrongClock,
    FaultKind.PROVIDER_TROUBLE: ProviderTrouble,
    FaultKind.DATABASE_RESTART: DatabaseRestart,
}


def fault_of(blow: Blow, ground: Ground, windows: list[Window]) -> Fault:
    """The fault of a blow; what a restore takes back is added to `windows`."""
    if blow.kind is FaultKind.RESTORE:
        return Restore(ground=ground, blow=blow, windows=windows)
    fault: Fault = _CLASSES[blow.kind](ground=ground, blow=blow)
    return fault
