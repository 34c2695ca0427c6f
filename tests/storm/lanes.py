"""Lets the faults of a schedule fall, each lane's one after the other, on a ground that may be slower than planned."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tests.storm.faults import fault_of
from tests.storm.ground import Ground
from tests.storm.schedule import LANES, Blow, faults_end
from tests.storm.verdict import Window


@dataclass(kw_only=True)
class Lanes:
    """All lanes of one storm that lasts some `seconds`.

    On a slow machine a fault takes longer than it was drawn for, so later ones of its lane begin late. Those that would
    begin when all faults were to be over are `left_out`, so that a storm of ten minutes is one. `fallen` has the
    others, `windows` what restores took back.
    """

    ground: Ground
    blows: Sequence[Blow]
    seconds: float
    say: Callable[[str], None]
    fallen: list[Blow] = field(default_factory=list)
    left_out: list[Blow] = field(default_factory=list)
    windows: list[Window] = field(default_factory=list)

    async def fall(self) -> None:
        """Let all faults come and go."""
        began = time.monotonic()
        async with asyncio.TaskGroup() as lanes:
            for lane in LANES:
                lanes.create_task(self._lane([blow for blow in self.blows if blow.kind in lane], began))

    async def _lane(self, blows: Sequence[Blow], began: float) -> None:
        for blow in blows:
            await asyncio.sleep(max(began + blow.at - time.monotonic(), 0))
            if time.monotonic() - began > faults_end(self.seconds):
                self.left_out.append(blow)
            else:
                self.fallen.append(blow)
                await self._blow(blow, began)

    async def _blow(self, blow: Blow, began: float) -> None:
        fault = fault_of(blow, self.ground, self.windows)
        self.say(f"{time.monotonic() - began:7.1f} s  begins: {blow.kind} of {blow.target}")
        await fault.begin()
        await asyncio.sleep(blow.lasts)  # from now on, as it may have taken a while to begin
        await fault.end()
        self.say(f"{time.monotonic() - began:7.1f} s  is over: {blow.kind} of {blow.target}")
