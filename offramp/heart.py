"""Keeps a process's sign of life, and its clock with the database's; says when the machine's clock is wrong."""

import asyncio
import os
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import structlog

from domain.clock_offsets import is_told, may_work
from offramp.clock import DatabaseClock
from store import Database
from store.engine import heartbeats
from store.engine.absences import DatabaseAway
from store.engine.heartbeats import ProcessKind

log = structlog.get_logger()

BEATS_EVERY = timedelta(seconds=2)
"""How often a worker beats."""

_OTHERS_BEAT_EVERY = timedelta(seconds=5)


class Heart:
    """Beats for one process. An error is logged once, and the next beat follows."""

    def __init__(self, database: Database, kind: ProcessKind, clock: DatabaseClock) -> None:
        self._database = database
        self._kind = kind
        self._clock = clock
        self._name = f"{kind}@{socket.gethostname()}:{os.getpid()}"
        self._is_right = True
        self._has_missed = False
        self._works = True

    @property
    def may_work(self) -> bool:
        """Whether this machine's clock is right enough to take work; until a look says otherwise, it is."""
        return self._works

    def beat(self) -> None:
        """Look at the database's clock, and leave a sign of life."""
        try:
            self._clock.follow(self._database)
            offset = self._clock.offset
            with self._database.transaction() as session:
                heartbeats.beat(session, self._name, self._kind, at=self._clock(), offset=offset)
        except DatabaseAway:  # the log has it already
            self._has_missed = True
        except Exception as error:
            if not self._has_missed:
                log.warning("heartbeat_missed", reason=type(error).__name__)
            self._has_missed = True
        else:
            self._has_missed = False
            self._weigh(offset)

    async def while_right(self, act: Callable[[], Awaitable[object]]) -> None:
        """Beat, and have something done while this machine's clock is right; anew whenever it is right again."""
        right, wrong = asyncio.Event(), asyncio.Event()
        beats = asyncio.create_task(self._keep_beating(right, wrong))
        try:
            while True:
                await right.wait()
                await _act_until(wrong, act)
        finally:
            beats.cancel()

    async def _keep_beating(self, right: asyncio.Event, wrong: asyncio.Event) -> None:
        while True:
            await asyncio.to_thread(self.beat)
            rings, rests = (right, wrong) if self.may_work else (wrong, right)
            rings.set()
            rests.clear()
            await asyncio.sleep(BEATS_EVERY.total_seconds())

    def _weigh(self, offset: timedelta) -> None:
        """Say once that the machine's clock is wrong, and once that it is right again."""
        is_right, may = not is_told(offset), may_work(offset, is_working=self._works)
        if (is_right, may) == (self._is_right, self._works):
            return
        self._is_right, self._works = is_right, may
        if is_right:
            log.info("clock_right")
        else:
            log.warning("clock_wrong", offset_seconds=round(offset.total_seconds(), 1), works=may)


async def _act_until(end: asyncio.Event, act: Callable[[], Awaitable[object]]) -> None:
    """Have something done until the event; it has ended when this returns. Raises what it raises by itself."""
    acting, ending = asyncio.ensure_future(act()), asyncio.create_task(end.wait())
    try:
        await asyncio.wait((acting, ending), return_when=asyncio.FIRST_COMPLETED)
        if acting.done():
            acting.result()
    finally:
        ending.cancel()
        acting.cancel()
        await asyncio.wait((acting,))


@contextmanager
def beating(database: Database, kind: ProcessKind, clock: DatabaseClock) -> Iterator[None]:
    """Beat in a thread of its own while the block runs."""
    heart, has_ended = Heart(database, kind, clock), threading.Event()
    heart.beat()

    def keep_beating() -> None:
        while not has_ended.wait(_OTHERS_BEAT_EVERY.total_seconds()):
            heart.beat()

    thread = threading.Thread(target=keep_beating, name="heart", daemon=True)
    thread.start()
    try:
        yield
    finally:
        has_ended.set()
        thread.join()
