"""Hands queued messages over: to Temporal, which keeps trying, and around it while it is away."""

import asyncio
from datetime import timedelta

import structlog
from temporalio.client import Client
from temporalio.common import ActivityIDConflictPolicy, ActivityIDReusePolicy, RetryPolicy
from temporalio.exceptions import ActivityAlreadyStartedError

from activities.messages import BeingSent, MessageActivities
from domain.messages import LIFETIMES, SEND_TIMEOUT, MessageState, Purpose, Queue
from domain.ports import Clock, NotHandedOver
from offramp.presence import Presence, TemporalAway
from store import Database, messages
from store.messages import Message
from workflows.launching import AT_ONCE

log = structlog.get_logger()

BATCH = 500


class Dispatcher:
    """Gives each message to Temporal as a standalone activity whose id is the message's key.

    While Temporal is away, what somebody waits for is sent from here, so that nobody misses a code; nudges wait.
    A claim in the database keeps each sending single, whoever does it.
    """

    def __init__(
        self,
        database: Database,
        client: Client,
        presence: Presence,
        sender: MessageActivities,
        *,
        clock: Clock,
    ) -> None:
        self._database = database
        self._client = client
        self._presence = presence
        self._sender = sender
        self._clock = clock
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def turn(self) -> bool:
        """Hand one batch over; whether there may be more to do at once."""
        queued = await asyncio.to_thread(self._queued)
        handed = await asyncio.gather(*(self._hand_over(message) for message in queued))
        await asyncio.to_thread(self._settle_lost_claims)
        await asyncio.to_thread(self._settle_overdue)
        return any(handed)

    async def _hand_over(self, message: Message) -> bool:
        async with self._slots:
            try:
                await self._presence.ask(lambda: self._start_sending(message))
            except TemporalAway as away:
                log.warning("message_waits", key=message.key, reason=str(away))
                return message.queue is Queue.NOW and await self._send_from_here(message.key)
            await asyncio.to_thread(self._mark_handed, message.key)
            return True

    async def _start_sending(self, message: Message) -> None:
        """Start a standalone activity; one that exists, or existed, is this very message."""
        try:
            await self._client.start_activity(
                MessageActivities.send_message,
                args=[message.key],
                id=message.key,
                task_queue=message.queue,
                start_to_close_timeout=SEND_TIMEOUT,
                schedule_to_close_timeout=LIFETIMES[Purpose(message.purpose)],
                retry_policy=RetryPolicy(maximum_interval=timedelta(minutes=5)),
                id_reuse_policy=ActivityIDReusePolicy.REJECT_DUPLICATE,
                id_conflict_policy=ActivityIDConflictPolicy.USE_EXISTING,
            )
        except ActivityAlreadyStartedError:
            return

    async def _send_from_here(self, key: str) -> bool:
        try:
            await asyncio.to_thread(self._sender.deliver, key)
        except (BeingSent, NotHandedOver) as error:
            log.warning("message_not_sent", key=key, reason=type(error).__name__)
            return False
        return True

    def _queued(self) -> list[Message]:
        with self._database.reading() as session:
            return list(messages.queued(session, now=self._clock(), limit=BATCH))

    def _mark_handed(self, key: str) -> None:
        with self._database.transaction() as session:
            messages.mark_handed(session, key)

    def _settle_lost_claims(self) -> None:
        """A claim whose sender died becomes `unknown` by being claimed again."""
        with self._database.reading() as session:
            lost = messages.lost_claims(session, now=self._clock())
        for key in lost:
            with self._database.transaction() as session:
                messages.claim(session, key, now=self._clock())

    def _settle_overdue(self) -> None:
        with self._database.reading() as session:
            overdue = messages.overdue(session, now=self._clock())
        for message in overdue:
            with self._database.transaction() as session:
                messages.settle(session, message, MessageState.FAILED, at=self._clock(), reason="gave_up")
