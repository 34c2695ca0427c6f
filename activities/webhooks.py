"""The one place that tells hosts what happened: claims a delivery, has it brought, and records what became of it."""

import hashlib
import json

import structlog
from temporalio import activity

from domain.host.webhooks import Courier, Hook, HookState, NotTaken, rest_after, told_detail
from domain.ports import Clock, Seal
from store import Database
from store.host import webhook_sending
from store.host.webhook_sending import ClaimedDelivery
from store.webhooks import deliveries, subscriptions

log = structlog.get_logger()


class WebhookActivities:
    """Tells hosts of journal entries. A delivery may be sent twice, under one `webhook-id`; none is forgotten."""

    def __init__(self, database: Database, clock: Clock, courier: Courier, seal: Seal) -> None:
        self._database = database
        self._clock = clock
        self._courier = courier
        self._seal = seal

    @activity.defn(no_thread_cancel_exception=True)
    def deliver_webhook(self, delivery_id: int) -> None:
        """Send one delivery, once. What fails waits in the database for its next attempt; Temporal retries nothing.

        Raises what has nothing to do with the receiver, such as a database that does not answer.
        """
        self.deliver(delivery_id)

    def deliver(self, delivery_id: int) -> None:
        """Claim, send and record one delivery. Does nothing if there is nothing to send, or another sender has it."""
        with self._database.transaction() as session:
            claimed = webhook_sending.claim(session, delivery_id, now=self._clock())
        if claimed is None:
            return
        structlog.contextvars.bind_contextvars(account_id=claimed.account_id)
        try:
            self._courier.bring(self._hook(claimed))
        except NotTaken as refusal:
            self._note_untaken(claimed, refusal)
        else:
            with self._database.transaction() as session:
                webhook_sending.note_taken(session, claimed, at=self._clock())
            with self._database.transaction() as session:
                subscriptions.note_answer(session, claimed.subscription_id)

    def _hook(self, claimed: ClaimedDelivery) -> Hook:
        try:
            secrets = tuple(self._seal.open(sealed) for sealed in claimed.sealed_secrets)
        except ValueError as error:  # the secret key has changed since
            raise NotTaken("secret_lost") from error
        return Hook(
            url=claimed.url,
            webhook_id=claimed.webhook_id,
            at=self._clock(),
            body=body_of(claimed),
            secrets=secrets,
        )

    def _note_untaken(self, claimed: ClaimedDelivery, refusal: NotTaken) -> None:
        if refusal.is_gone:
            self._end(claimed.subscription_id)
            return
        now = self._clock()
        rest = rest_after(
            claimed.attempts,
            is_request=claimed.is_request,
            share=_share(claimed),
            asked_rest=refusal.retry_after,
        )
        with self._database.transaction() as session:
            state = webhook_sending.note_untaken(
                session, claimed, at=now, until=now + rest, reason=refusal.reason
            )
        with self._database.transaction() as session:
            subscriptions.note_failure(session, claimed.subscription_id, at=now)
        about = {"delivery_id": claimed.delivery_id, "reason": refusal.reason, "state": state.value}
        if state is HookState.DEAD:
            log.error("webhook_not_taken", **about)
        else:
            log.warning("webhook_not_taken", **about)

    def _end(self, subscription_id: str) -> None:
        """The receiver wants no events any more: its subscription ends, and what is on the way is dropped."""
        now = self._clock()
        with self._database.transaction() as session:
            subscription = subscriptions.lock(session, subscription_id)
            if subscription.ended_at is None:
                subscriptions.end(session, subscription, at=now, because=subscriptions.GONE)
            dropped = deliveries.drop_all(session, subscription_id, at=now)
        log.error("webhook_subscription_gone", subscription_id=subscription_id, dropped=dropped)


def body_of(claimed: ClaimedDelivery) -> str:
    """What a host reads: the same in every attempt, and no personal data beyond the host's own id of the account."""
    told_fields = told_detail(claimed.detail, claimed.actor)
    account: dict[str, str | int] = {
        "external_id": claimed.external_id,
        "account_id": claimed.account_id,
        "version": claimed.version,
        "actor": claimed.actor,
    }
    if claimed.epoch:
        account["epoch"] = claimed.epoch
    event = {
        "type": claimed.hook_type,
        "timestamp": claimed.at.isoformat(),
        "data": {**told_fields, **account},
    }
    return json.dumps(event, ensure_ascii=False, separators=(",", ":"))


def _share(claimed: ClaimedDelivery) -> float:
    """This attempt's own share of the jitter, always the same."""
    name = f"{claimed.webhook_id}:{claimed.attempts}"
    return int.from_bytes(hashlib.blake2s(name.encode(), digest_size=4).digest()) / 2**32
