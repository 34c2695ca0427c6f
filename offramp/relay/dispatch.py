"""Hands queued messages over to Temporal. While Temporal is away, codes and notices bypass it."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from enum import Enum, auto

import structlog
from temporalio.client import Client
from temporalio.common import ActivityIDConflictPolicy, ActivityIDReusePolicy, Priority, RetryPolicy
from temporalio.exceptions import ActivityAlreadyStartedError

from activities.messages import BeingSent, Later, MessageActivities
from activities.signs_of_life import LONGEST_SILENCE
from domain.messages.messages import LIFETIMES, SEND_TIMEOUT, Purpose, Queue
from domain.messages.sent_names import named
from domain.ports import Clock, NotHandedOver
from offramp.config import tracing
from offramp.relay.presence import Presence, TemporalAway
from store import Database, Session
from store.engine import epochs
from store.messages import hand_overs
from store.messages.messages import Message

log = structlog.get_logger()

Next = Callable[[Session, datetime], Sequence[Message]]
"""Returns the messages to hand over next, at an instant."""


class HandedTo(Enum):
    """Who has taken a message."""

    TEMPORAL = auto()
    PROVIDER = auto()
    NOBODY = auto()


class Dispatcher:
    """Gives each message to Temporal as a standalone activity whose id is the message's key, and the database's epoch.

    While Temporal is away, the dispatcher itself sends codes and notices, because people wait for them; nudges wait.
    A claim in the database prevents a second sending, whatever Temporal remembers. Codes and notices have one
    dispatcher and nudges have another, so that a code never waits behind nudges; what Temporal was given in vain has
    a third.
    """

    def __init__(
        self,
        database: Database,
        client: Client,
        presence: Presence,
        sender: MessageActivities,
        *,
        next_ones: Next,
        at_once: int,
        clock: Clock,
    ) -> None:
        self._database = database
        self._client = client
        self._presence = presence
        self._sender = sender
        self._next_ones = next_ones
        self._clock = clock
        self._slots = asyncio.Semaphore(at_once)

    async def turn(self) -> bool:
        """Hand one batch over; returns whether more messages may wait."""
        epoch, queued = await asyncio.to_thread(self._queued)
        outcomes = await asyncio.gather(*(self._hand_over(message, epoch) for message in queued))
        if waiting_count := outcomes.count(HandedTo.NOBODY):
            log.warning("messages_wait", messages=waiting_count)
        await asyncio.to_thread(self._mark_handed, _keys(queued, outcomes, HandedTo.TEMPORAL))
        return HandedTo.TEMPORAL in outcomes or HandedTo.PROVIDER in outcomes

    async def _hand_over(self, message: Message, epoch: int) -> HandedTo:
        structlog.contextvars.bind_contextvars(account_id=message.account_id)
        async with self._slots:
            try:
                with tracing.continued(message.traceparent, "dispatch"):
                    await self._presence.ask(lambda: self._start_sending(message, epoch))
            except TemporalAway:
                return await self._send_from_here(message)
            return HandedTo.TEMPORAL

    async def _start_sending(self, message: Message, epoch: int) -> None:
        """Start the standalone activity of a message. If one is open, Temporal has the message already.

        One that is closed has not: the row still waits, whatever that activity did or failed to do.
        """
        with contextlib.suppress(ActivityAlreadyStartedError):
            await self._client.start_activity(
                MessageActivities.send_message,
                args=[message.key],
                id=named(message.key, epoch),
                task_queue=message.queue,
                start_to_close_timeout=SEND_TIMEOUT,
                heartbeat_timeout=LONGEST_SILENCE,
                schedule_to_close_timeout=LIFETIMES[Purpose(message.purpose)],
                retry_policy=RetryPolicy(maximum_interval=timedelta(minutes=5)),
                id_reuse_policy=ActivityIDReusePolicy.ALLOW_DUPLICATE,
                id_conflict_policy=ActivityIDConflictPolicy.USE_EXISTING,
                # Cohorts share a rate-limited queue fairly: a large cohort does not keep a small cohort waiting.
                priority=Priority(fairness_key=message.cohort_id),
            )

    async def _send_from_here(self, message: Message) -> HandedTo:
        if message.queue is not Queue.NOW:
            return HandedTo.NOBODY
        try:
            await asyncio.to_thread(self._sender.deliver, message.key)
        except (BeingSent, Later, NotHandedOver) as error:
            log.warning("message_not_sent", key=message.key, reason=type(error).__name__)
            return HandedTo.NOBODY
        return HandedTo.PROVIDER

    def _queued(self) -> tuple[int, list[Message]]:
        """The database's epoch, and what waits in it."""
        with self._database.reading() as session:
            return epochs.current(session), list(self._next_ones(session, self._clock()))

    def _mark_handed(self, keys: Sequence[str]) -> None:
        if not keys:
            return
        with self._database.transaction() as session:
            hand_overs.mark_handed(session, keys, at=self._clock())


def _keys(queued: Sequence[Message], outcomes: Sequence[HandedTo], to: HandedTo) -> list[str]:
    return [message.key for message, outcome in zip(queued, outcomes, strict=True) if outcome is to]
