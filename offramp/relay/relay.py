"""The relay: carries journal entries and messages from the database to Temporal, at least once and without delay.

It also writes up what happened at the door, which makes some of these entries and messages.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import timedelta
from functools import partial

import structlog
from temporalio.client import Client

from activities.messages import MessageActivities
from activities.webhooks import WebhookActivities
from domain.ports import Clock
from domain.rights.retention import Retention
from offramp.metrics import measuring
from offramp.relay.dispatch import Dispatcher
from offramp.relay.pacing import NUDGES_AT_ONCE, Pace, handed_in_vain, next_waited_for
from offramp.relay.presence import Presence
from offramp.relay.publishing import Publisher
from offramp.relay.recoveries import RecoveryTeller
from offramp.relay.settling import Settler
from offramp.relay.watching import Watcher
from offramp.relay.webhooks import REQUEUE_EVERY, WebhookDispatcher
from services.evidence.sealing_days import DaySealer
from services.people import door_notes
from services.safety import deadlines, waiting_changes
from services.upkeep import ending_exemptions, inviting
from store import Database, housekeeping
from store.engine import secret_keys, wakeups
from store.engine.absences import DatabaseAway
from workflows.running_journeys import AT_ONCE

log = structlog.get_logger()

SETTLE_EVERY = timedelta(seconds=2)
DO_EVERY = timedelta(seconds=5)
CLEAR_EVERY = timedelta(minutes=5)
CLEARED_AT_ONCE = 20
INVITE_EVERY = timedelta(minutes=1)
INVITED_AT_ONCE = 20
WATCH_EVERY = timedelta(seconds=30)
SEAL_EVERY = timedelta(minutes=1)
_RETENTION = Retention()

Turn = Callable[[], Awaitable[bool]]


class Relay:
    """Publishes facts and hands messages and events over, side by side, so that no task waits for another.

    `key_ids` is the ring of secret keys here, newest first; the relay notes which is the newest.
    """

    def __init__(
        self,
        database: Database,
        client: Client,
        sender: MessageActivities,
        teller: WebhookActivities,
        *,
        pace: Pace,
        clock: Clock,
        poll_seconds: float,
        retention: Retention = _RETENTION,
        key_ids: Sequence[str] = (),
    ) -> None:
        presence = Presence(clock)
        self._database = database
        self._clock = clock
        self._poll_seconds = poll_seconds
        self._retention = retention
        self._key_ids = key_ids
        people, nudges, again = (
            Dispatcher(
                database, client, presence, sender, next_ones=next_ones, at_once=at_once, clock=clock
            ).turn
            for next_ones, at_once in (
                (next_waited_for, AT_ONCE),
                (pace.next_nudges, NUDGES_AT_ONCE),
                (handed_in_vain, NUDGES_AT_ONCE),
            )
        )
        self._webhooks = WebhookDispatcher(database, client, presence, teller, clock=clock)
        self._turns: dict[str, Turn] = {
            "publish": Publisher(database, client, presence, clock=clock).turn,
            "tell_recoveries": RecoveryTeller(database, client, presence).turn,
            "write_up": partial(asyncio.to_thread, door_notes.write_up, database, clock),
            "dispatch": people,
            "dispatch_nudges": nudges,
            "dispatch_again": again,
            "dispatch_webhooks": self._webhooks.turn,
        }
        self._settler = Settler(database, clock=clock)
        self._watcher = Watcher(database, clock=clock)
        self._day_sealer = DaySealer(database, clock)

    async def run(self) -> None:
        """Work until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            bells = {name: asyncio.Event() for name in self._turns}
            for name, turn in self._turns.items():
                tasks.create_task(self._keep_turning(name, turn, bells[name]))
            tasks.create_task(self._keep_listening(bells.values()))
            tasks.create_task(self._keep("settling", self._settler.turn, SETTLE_EVERY))
            tasks.create_task(self._keep("watching", self._watcher.turn, WATCH_EVERY))
            requeue_webhooks = partial(asyncio.to_thread, self._webhooks.requeue_lost)
            tasks.create_task(self._keep("webhooks", requeue_webhooks, REQUEUE_EVERY))
            tasks.create_task(
                self._keep("waiting", partial(asyncio.to_thread, self._do_what_waited), DO_EVERY)
            )
            tasks.create_task(
                self._keep("housekeeping", partial(asyncio.to_thread, self._clear), CLEAR_EVERY)
            )
            tasks.create_task(self._keep("check_ups", partial(asyncio.to_thread, self._invite), INVITE_EVERY))
            seal_days = partial(asyncio.to_thread, self._day_sealer.seal_due)
            tasks.create_task(self._keep("sealing", seal_days, SEAL_EVERY))
            see_to = partial(asyncio.to_thread, self._see_to_exemptions)
            tasks.create_task(self._keep("exemptions", see_to, INVITE_EVERY))

    async def _keep_listening(self, bells: Iterable[asyncio.Event]) -> None:
        """Ring all bells when a commit may have left work, and every `poll_seconds` in case a wake-up was missed."""
        while True:
            try:
                with wakeups.listen(self._database) as woken:
                    while True:
                        await asyncio.to_thread(woken.wait, self._poll_seconds)
                        for bell in bells:
                            bell.set()
            except DatabaseAway:  # the log has it already
                await asyncio.sleep(self._poll_seconds)
            except Exception:
                log.exception("relay_listening_failed")
                await asyncio.sleep(self._poll_seconds)

    async def _keep_turning(self, name: str, turn: Turn, bell: asyncio.Event) -> None:
        """Turn while there is work, then wait for the bell. A bell that rings during a turn causes another turn."""
        while True:
            try:
                bell.clear()
                with measuring.relay_turn(name):
                    has_more = await turn()
                if not has_more:
                    await bell.wait()
            except DatabaseAway:
                await asyncio.sleep(self._poll_seconds)
            except Exception:
                log.exception("relay_turn_failed")
                await asyncio.sleep(self._poll_seconds)

    async def _keep(self, task_name: str, act: Callable[[], Awaitable[object]], interval: timedelta) -> None:
        while True:
            try:
                await act()
            except DatabaseAway:
                pass
            except Exception:
                log.exception("relay_failed", what=task_name)
            await asyncio.sleep(interval.total_seconds())

    def _do_what_waited(self) -> None:
        waiting_changes.carry_out_due(self._database, now=self._clock())
        deadlines.settle_overdue(self._database, now=self._clock())

    def _invite(self) -> None:
        """Invite to check-ups batch by batch; what is left after so many waits for the next time."""
        for _ in range(INVITED_AT_ONCE):
            if not inviting.invite_due(self._database, self._clock):
                return

    def _see_to_exemptions(self) -> None:
        """Close exemptions and tell people batch by batch; what is left after so many waits for the next time."""
        for _ in range(INVITED_AT_ONCE):
            if not ending_exemptions.see_to_due(self._database, self._clock):
                return

    def _clear(self) -> None:
        """Clear batch by batch, each in its own transaction; what is left after so many waits for the next time."""
        if self._key_ids:
            with self._database.transaction() as session:
                secret_keys.note(session, self._key_ids, at=self._clock())
        for _ in range(CLEARED_AT_ONCE):
            with self._database.transaction() as session:
                cleared = housekeeping.clear(session, now=self._clock(), retention=self._retention)
            if cleared < housekeeping.BATCH:
                return
