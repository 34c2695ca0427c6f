"""Looks at the promises now and then: a broken one stops retiring, and journeys that wait without need go on.

It also notes that the guard has ended.
"""

import asyncio
import time

import structlog

from domain.ports import Clock
from services.safety import guard, retiring
from store import Database, invariants
from store.engine import raised_guards
from store.journeys import retiring as switch
from store.rollouts import holds

log = structlog.get_logger()

AT_ONCE = 200
"""How many journeys are released in one transaction."""

MOST_OF_THE_TIME = 9
"""It rests at least nine times as long as a look took, so that it looks in a tenth of the time at most."""


class Watcher:
    """Looks, and remembers what the last look found."""

    def __init__(self, database: Database, *, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._before: dict[str, int] = {}

    async def turn(self) -> None:
        """Look once, in a thread of its own, then rest."""
        began_at = time.monotonic()
        await asyncio.to_thread(self.look)
        await asyncio.sleep(MOST_OF_THE_TIME * (time.monotonic() - began_at))

    def look(self) -> None:
        """Stop retiring if a promise is broken that was broken at the last look, too; else release who waits.

        That the guard's time is over is noted here, too; it held no longer already.
        """
        with self._database.reading() as session:
            counts = invariants.broken(session, now=self._clock())
            current = switch.read(session)
            has_guard_ended = raised_guards.has_ended_unnoted(session, now=self._clock())
        if has_guard_ended:
            self._note_end_of_guard()
        if counts or current.accepted:
            self._heed(counts)
        self._before = counts
        if not current.is_stopped:
            while self._release():
                pass

    def _heed(self, counts: dict[str, int]) -> None:
        with self._database.transaction() as session:
            has_stopped = retiring.heed(session, counts, before=self._before, at=self._clock())
        if has_stopped:
            log.error("retiring_stopped", broken=sorted(counts))

    def _note_end_of_guard(self) -> None:
        with self._database.transaction() as session:
            guard.note_end(session, at=self._clock())
        log.info("guard_ended")

    def _release(self) -> int:
        with self._database.transaction() as session:
            return holds.release_idle(session, at=self._clock(), batch=AT_ONCE)
