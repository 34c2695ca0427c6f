"""Hands deliveries of journal entries over to Temporal. While Temporal is away, requests to the host bypass it."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import structlog
from temporalio.client import Client
from temporalio.common import ActivityIDConflictPolicy, ActivityIDReusePolicy, RetryPolicy
from temporalio.exceptions import ActivityAlreadyStartedError

from activities.webhooks import WebhookActivities
from domain.host.webhooks import SENDING_TIMEOUT
from domain.messages.messages import Queue
from domain.messages.sent_names import named
from domain.ports import Clock
from offramp.relay.presence import Presence, TemporalAway
from store import Database
from store.engine import epochs
from store.host import webhook_sending
from store.host.webhook_sending import HANDED_LIFETIME, DueDelivery

log = structlog.get_logger()

HANDED_AT_ONCE = 8
"""How many deliveries are handed over side by side: few, so that Temporal has time for codes and notices."""

REQUEUE_EVERY = timedelta(seconds=15)


class WebhookDispatcher:
    """Gives each attempt of a delivery to Temporal, as a standalone activity that knows the delivery's number alone.

    Order, rests and claims are the database's, so that an activity may be lost, doubled or late.
    """

    def __init__(
        self,
        database: Database,
        client: Client,
        presence: Presence,
        teller: WebhookActivities,
        *,
        clock: Clock,
    ) -> None:
        self._database = database
        self._client = client
        self._presence = presence
        self._teller = teller
        self._clock = clock
        self._slots = asyncio.Semaphore(HANDED_AT_ONCE)

    async def turn(self) -> bool:
        """Hand one batch over; returns whether more may wait."""
        epoch, due = await asyncio.to_thread(self._due)
        handed = await asyncio.gather(*(self._hand_over(delivery, epoch) for delivery in due))
        delivery_ids = [
            delivery.delivery_id for delivery, is_handed in zip(due, handed, strict=True) if is_handed
        ]
        if delivery_ids:
            await asyncio.to_thread(self._mark_handed, delivery_ids)
        return bool(delivery_ids)

    def requeue_lost(self) -> None:
        """Let deliveries go again that have lost their sender."""
        with self._database.transaction() as session:
            requeued = webhook_sending.requeue_lost(session, now=self._clock())
        if requeued:
            log.warning("webhooks_requeued", deliveries=requeued)

    async def _hand_over(self, delivery: DueDelivery, epoch: int) -> bool:
        """Whether Temporal has it now."""
        async with self._slots:
            try:
                await self._presence.ask(lambda: self._start(delivery, epoch))
            except TemporalAway:
                if delivery.is_request:
                    await asyncio.to_thread(self._teller.deliver, delivery.delivery_id)
                return False
            return True

    async def _start(self, delivery: DueDelivery, epoch: int) -> None:
        try:
            await self._client.start_activity(
                WebhookActivities.deliver_webhook,
                args=[delivery.delivery_id],
                id=named(f"webhook:{delivery.webhook_id}:{delivery.attempts}", epoch),
                task_queue=Queue.WEBHOOKS,
                start_to_close_timeout=SENDING_TIMEOUT,
                schedule_to_close_timeout=SENDING_TIMEOUT + HANDED_LIFETIME,
                retry_policy=RetryPolicy(maximum_attempts=1),
                id_reuse_policy=ActivityIDReusePolicy.ALLOW_DUPLICATE,
                id_conflict_policy=ActivityIDConflictPolicy.USE_EXISTING,
            )
        except ActivityAlreadyStartedError:
            return

    def _due(self) -> tuple[int, Sequence[DueDelivery]]:
        """The database's epoch, and what is due in it."""
        with self._database.reading() as session:
            return epochs.current(session), webhook_sending.due(session, now=self._clock())

    def _mark_handed(self, delivery_ids: Sequence[int]) -> None:
        with self._database.transaction() as session:
            webhook_sending.mark_handed(session, delivery_ids, at=self._clock())
