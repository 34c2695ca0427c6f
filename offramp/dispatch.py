"""Hands queued messages over: to Temporal, which keeps trying, and around it while it is away."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta
from enum import Enum, auto

import structlog
from temporalio.client import Client
from temporalio.common import ActivityIDConflictPolicy, ActivityIDReusePolicy, Priority, RetryPolicy
from temporalio.exceptions import ActivityAlreadyStartedError

from activities.messages import BeingSent, Later, MessageActivities
from domain.messages import LIFETIMES, SEND_TIMEOUT, Purpose, Queue
from domain.ports import Clock, NotHandedOver
from offramp import tracing
from offramp.presence import Presence, TemporalAway
from store import Database, members, messages
from store.messages import Message
from workflows.launching import AT_ONCE

log = structlog.get_logger()

BATCH = 500


class HandedTo(Enum):
    """Who has taken a message over."""

    TEMPORAL = auto()
    PROVIDER = auto()
    NOBODY = auto()


class Dispatcher:
    """Gives each message to Temporal as a standalone activity whose id is the message's key.

    While Temporal is away, what somebody waits for is sent from here, so that nobody misses a code; nudges wait.
    A claim in the database keeps each sending single, whoever does it. One dispatcher serves some `purposes`, so that
    what people wait for never stands behind nudges here either.
    """

    def __init__(
        self,
        database: Database,
        client: Client,
        presence: Presence,
        sender: MessageActivities,
        *,
        purposes: Sequence[Purpose],
        clock: Clock,
    ) -> None:
        self._database = database
        self._client = client
        self._presence = presence
        self._sender = sender
        self._purposes = purposes
        self._clock = clock
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def turn(self) -> bool:
        """Hand one batch over; whether there may be more to do at once."""
        queued = await asyncio.to_thread(self._queued)
        cohorts = await asyncio.to_thread(self._cohorts, queued)
        outcomes = await asyncio.gather(*(self._hand_over(message, cohorts) for message in queued))
        await asyncio.to_thread(self._mark_handed, _keys(queued, outcomes, HandedTo.TEMPORAL))
        return HandedTo.TEMPORAL in outcomes or HandedTo.PROVIDER in outcomes

    async def _hand_over(self, message: Message, cohorts: Mapping[str, str]) -> HandedTo:
        structlog.contextvars.bind_contextvars(account_id=message.account_id)
        async with self._slots:
            try:
                with tracing.continued(message.traceparent, "dispatch"):
                    await self._presence.ask(lambda: self._start_sending(message, cohorts))
            except TemporalAway as away:
                log.warning("message_waits", key=message.key, reason=str(away))
                return await self._send_from_here(message)
            return HandedTo.TEMPORAL

    async def _start_sending(self, message: Message, cohorts: Mapping[str, str]) -> None:
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
                # Cohorts share a rate-limited queue fairly: a large one does not keep a small one waiting.
                priority=Priority(fairness_key=cohorts.get(message.account_id or "")),
            )
        except ActivityAlreadyStartedError:
            return

    async def _send_from_here(self, message: Message) -> HandedTo:
        if message.queue is not Queue.NOW:
            return HandedTo.NOBODY
        try:
            await asyncio.to_thread(self._sender.deliver, message.key)
        except (BeingSent, Later, NotHandedOver) as error:
            log.warning("message_not_sent", key=message.key, reason=type(error).__name__)
            return HandedTo.NOBODY
        return HandedTo.PROVIDER

    def _queued(self) -> list[Message]:
        with self._database.reading() as session:
            return list(messages.queued(session, purposes=self._purposes, now=self._clock(), limit=BATCH))

    def _cohorts(self, queued: Sequence[Message]) -> Mapping[str, str]:
        """The cohorts by which nudges share their queue; what people wait for needs none."""
        account_ids = [one.account_id for one in queued if one.account_id and one.purpose == Purpose.NUDGE]
        if not account_ids:
            return {}
        with self._database.reading() as session:
            return members.cohorts_of(session, account_ids)

    def _mark_handed(self, keys: Sequence[str]) -> None:
        if not keys:
            return
        with self._database.transaction() as session:
            messages.mark_handed(session, keys)


def _keys(queued: Sequence[Message], outcomes: Sequence[HandedTo], to: HandedTo) -> list[str]:
    return [message.key for message, outcome in zip(queued, outcomes, strict=True) if outcome is to]
