"""The relay: carries what the database says to Temporal, at least once and as soon as it can."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog
from temporalio.client import Client

from activities.messages import MessageActivities
from domain.ports import Clock
from offramp.dispatch import Dispatcher
from offramp.presence import Presence
from offramp.publishing import Publisher
from store import Database, heartbeats, housekeeping, wakeups

log = structlog.get_logger()

HEARTBEAT_EVERY = timedelta(seconds=2)
CLEAR_EVERY = timedelta(minutes=5)

Turn = Callable[[], Awaitable[bool]]


class Relay:
    """Publishes facts and hands messages over, side by side, so that neither waits behind the other."""

    def __init__(
        self,
        database: Database,
        client: Client,
        sender: MessageActivities,
        *,
        clock: Clock,
        poll_seconds: float,
    ) -> None:
        presence = Presence(clock)
        self._database = database
        self._clock = clock
        self._poll_seconds = poll_seconds
        self._publisher = Publisher(database, client, presence, clock=clock)
        self._dispatcher = Dispatcher(database, client, presence, sender, clock=clock)

    async def run(self) -> None:
        """Work until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._keep_turning(self._publisher.turn))
            tasks.create_task(self._keep_turning(self._dispatcher.turn))
            tasks.create_task(self._keep_beating())
            tasks.create_task(self._keep_house())

    async def _keep_turning(self, turn: Turn) -> None:
        """Turn again whenever a commit may have left work, and now and then in case a wake-up was missed."""
        while True:
            try:
                with wakeups.listen(self._database) as woken:
                    while True:
                        if not await turn():
                            await asyncio.to_thread(woken.wait, self._poll_seconds)
            except Exception:
                log.exception("relay_turn_failed")
                await asyncio.sleep(self._poll_seconds)

    async def _keep_beating(self) -> None:
        while True:
            try:
                await asyncio.to_thread(self._beat)
            except Exception:
                log.exception("relay_heartbeat_failed")
            await asyncio.sleep(HEARTBEAT_EVERY.total_seconds())

    async def _keep_house(self) -> None:
        while True:
            try:
                await asyncio.to_thread(self._clear)
            except Exception:
                log.exception("relay_housekeeping_failed")
            await asyncio.sleep(CLEAR_EVERY.total_seconds())

    def _clear(self) -> None:
        with self._database.transaction() as session:
            housekeeping.clear(session, now=self._clock())

    def _beat(self) -> None:
        with self._database.transaction() as session:
            heartbeats.beat(session, heartbeats.RELAY, at=self._clock())
