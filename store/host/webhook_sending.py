"""Sends deliveries on their way: which go next, who may send one, what became of it, and which lost their sender.

A delivery may be sent twice, always under the same `webhook_id`; it is never forgotten.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlmodel import Session, and_, col, func, or_, select, update

from domain.errors import Unknown
from domain.host.webhooks import SENDING_TIMEOUT, HookState, RequestType
from domain.journal import EventKind
from store.engine import epochs
from store.engine.database import wake_relay
from store.people import accounts, journal
from store.people.journal import JournalEntry
from store.webhooks import deliveries, subscriptions
from store.webhooks.deliveries import IS_OPEN, WebhookDelivery
from store.webhooks.subscriptions import WebhookSubscription

AT_ONCE = 50
"""How many deliveries of one receiver are under way at once; a slow receiver leaves room for the others."""

HANDED_LIFETIME = timedelta(minutes=2)
"""How long Temporal may take to begin with a delivery; after that, it is handed over again."""

_IS_WAITING = text("webhook_delivery.state = 'waiting'")
_IS_UNDER_WAY = text("webhook_delivery.state IN ('handed', 'sending')")


@dataclass(frozen=True, kw_only=True)
class DueDelivery:
    """A delivery that may go now; `attempts` is how often it was tried."""

    delivery_id: int
    webhook_id: str
    attempts: int
    is_request: bool


@dataclass(frozen=True, kw_only=True)
class ClaimedDelivery:
    """A delivery that its claimant sends now, and the entry that it tells of. `attempts` counts this one.

    `epoch` is the database's at the claim.
    """

    delivery_id: int
    webhook_id: str
    subscription_id: str
    url: str
    sealed_secrets: tuple[bytes, ...] = field(repr=False)
    hook_type: str
    is_request: bool
    account_id: str
    external_id: str
    version: int
    actor: str
    at: datetime
    detail: dict[str, Any]
    attempts: int
    claimed_at: datetime
    tries_until: datetime
    epoch: int = epochs.FIRST


def due(session: Session, *, now: datetime) -> list[DueDelivery]:
    """The deliveries to hand over next: requests at once, others as many as each receiver has room for."""
    return [
        DueDelivery(
            delivery_id=int(delivery.delivery_id or 0),
            webhook_id=delivery.webhook_id,
            attempts=delivery.attempts,
            is_request=delivery.is_request,
        )
        for subscription in subscriptions.current(session)
        for delivery in _due_of(session, subscription, now=now)
    ]


def mark_handed(session: Session, delivery_ids: Sequence[int], *, at: datetime) -> None:
    """Note that Temporal has taken deliveries over; those that wait no longer stay as they are."""
    session.execute(
        update(WebhookDelivery)
        .where(
            col(WebhookDelivery.delivery_id).in_(delivery_ids),
            col(WebhookDelivery.state) == HookState.WAITING,
            col(WebhookDelivery.not_before) <= at,  # it may have been tried already, and rest now
        )
        .values(state=HookState.HANDED, handed_at=at)
    )


def claim(session: Session, delivery_id: int, *, now: datetime) -> ClaimedDelivery | None:
    """Claim a delivery for one sender; None if there is nothing to send any more, or another sender has it."""
    delivery = _lock(session, delivery_id)
    if delivery is None or not _may_be_claimed(delivery, now):
        return None
    subscription = session.get(WebhookSubscription, delivery.subscription_id)
    entry = session.get(JournalEntry, delivery.entry_id)
    if subscription is None or subscription.ended_at or entry is None:
        _settle(session, delivery, HookState.DROPPED, at=now)
        return None
    if void := void_as(session, delivery):
        _settle(session, delivery, void, at=now)
        return None
    delivery.state, delivery.claimed_at, delivery.attempts = HookState.SENDING, now, delivery.attempts + 1
    session.add(delivery)
    session.flush()
    return _claimed(session, delivery, subscription, entry)


def note_taken(session: Session, claimed: ClaimedDelivery, *, at: datetime) -> None:
    """Note that the receiver took a delivery, and let the next one of its lane go."""
    if delivery := _still_claimed(session, claimed):
        _settle(session, delivery, HookState.DELIVERED, at=at)


def note_untaken(
    session: Session, claimed: ClaimedDelivery, *, at: datetime, until: datetime, reason: str
) -> HookState:
    """Note a failed attempt: the delivery waits `until` a time, or is dead, or overtaken; returns its state."""
    delivery = _still_claimed(session, claimed)
    state = HookState.WAITING
    if delivery and (void := void_as(session, delivery)):
        state = void
        _settle(session, delivery, state, at=at, reason=reason)
    elif delivery and at >= claimed.tries_until:
        state = HookState.DEAD
        _settle(session, delivery, state, at=at, reason=reason)
    elif delivery:
        delivery.state, delivery.not_before, delivery.reason = state, until, reason
        session.add(delivery)
        session.flush()
    return state


def void_as(session: Session, delivery: WebhookDelivery) -> HookState | None:
    """What becomes of a request that is void: a later one was made, for whatever receiver, or its account is gone."""
    if not delivery.is_request:
        return None
    if accounts.get(session, delivery.account_id).deleted_at and not _gives_back(session, delivery):
        return HookState.DROPPED
    is_overtaken = journal.is_any_later(
        session, delivery.account_id, EventKind.HOST_ASKED, than=delivery.entry_id
    )
    return HookState.OVERTAKEN if is_overtaken else None


def _gives_back(session: Session, delivery: WebhookDelivery) -> bool:
    """Whether a request lets somebody who was erased sign in again: it goes out, although the account is gone."""
    return delivery.hook_type == RequestType.RESTORE and journal.is_any_later(
        session, delivery.account_id, EventKind.ACCOUNT_ERASED, than=delivery.entry_id
    )


def requeue_lost(session: Session, *, now: datetime) -> int:
    """Let deliveries go again whose sender died, or that Temporal has lost; returns how many."""
    lost = or_(
        and_(
            col(WebhookDelivery.state) == HookState.HANDED,
            col(WebhookDelivery.handed_at) <= now - HANDED_LIFETIME,
        ),
        and_(
            col(WebhookDelivery.state) == HookState.SENDING,
            col(WebhookDelivery.claimed_at) <= now - SENDING_TIMEOUT,
        ),
    )
    requeued = update(WebhookDelivery).where(_IS_UNDER_WAY, lost).values(state=HookState.WAITING)
    count = int(session.execute(requeued).rowcount)  # type: ignore[attr-defined]
    if count:
        wake_relay(session)
    return count


def count_may_have_gone(session: Session) -> int:
    """How many deliveries are on their way or wait for their turn: nobody behind them has gone."""
    query = select(func.count()).select_from(WebhookDelivery)
    return session.exec(query.where(or_(_IS_WAITING, _IS_UNDER_WAY))).one()


def oldest_open(session: Session) -> datetime | None:
    """Since when the oldest delivery has been on its way; None if none is."""
    return session.exec(select(func.min(WebhookDelivery.created_at)).where(IS_OPEN)).one()


def _due_of(
    session: Session, subscription: WebhookSubscription, *, now: datetime
) -> Iterator[WebhookDelivery]:
    query = select(WebhookDelivery).where(
        _IS_WAITING,
        col(WebhookDelivery.subscription_id) == subscription.subscription_id,
        col(WebhookDelivery.not_before) <= now,
    )
    in_order = query.order_by(col(WebhookDelivery.not_before), col(WebhookDelivery.delivery_id))
    yield from session.exec(in_order.where(col(WebhookDelivery.is_request).is_(True)).limit(AT_ONCE))
    room = (1 if subscription.is_failing else AT_ONCE) - _count_under_way(session, subscription)
    if room > 0 and not subscription.is_held(now):
        yield from session.exec(in_order.where(col(WebhookDelivery.is_request).is_(False)).limit(room))


def _count_under_way(session: Session, subscription: WebhookSubscription) -> int:
    is_its = col(WebhookDelivery.subscription_id) == subscription.subscription_id
    return session.exec(select(func.count()).where(_IS_UNDER_WAY, is_its)).one()


def _lock(session: Session, delivery_id: int) -> WebhookDelivery | None:
    """A delivery as it is now, locked with its account, so that nobody else changes its lane."""
    account_id = session.exec(
        select(WebhookDelivery.account_id).where(WebhookDelivery.delivery_id == delivery_id)
    ).first()
    if account_id is None:
        return None
    with suppress(Unknown):  # an account that is gone has no entries either
        accounts.lock(session, account_id)
    query = select(WebhookDelivery).where(WebhookDelivery.delivery_id == delivery_id)
    return session.exec(query.with_for_update().execution_options(populate_existing=True)).first()


def _may_be_claimed(delivery: WebhookDelivery, now: datetime) -> bool:
    if delivery.state == HookState.SENDING:
        return delivery.claimed_at is None or delivery.claimed_at + SENDING_TIMEOUT <= now
    return delivery.state in (HookState.WAITING, HookState.HANDED)


def _still_claimed(session: Session, claimed: ClaimedDelivery) -> WebhookDelivery | None:
    """The delivery, unless its claim was too old and somebody else has it now, or its subscription has ended."""
    delivery = _lock(session, claimed.delivery_id)
    is_own = delivery and (delivery.state, delivery.attempts) == (HookState.SENDING, claimed.attempts)
    return delivery if is_own else None


def _settle(
    session: Session, delivery: WebhookDelivery, state: HookState, *, at: datetime, reason: str | None = None
) -> None:
    delivery.state, delivery.settled_at, delivery.reason = state, at, reason
    if state is not HookState.DEAD:  # staff may send what is dead again
        delivery.external_id = None
    session.add(delivery)
    session.flush()
    deliveries.bring_up_next(session, delivery, at=at)


def _claimed(
    session: Session, delivery: WebhookDelivery, subscription: WebhookSubscription, entry: JournalEntry
) -> ClaimedDelivery:
    claimed_at = delivery.claimed_at or delivery.created_at
    return ClaimedDelivery(
        delivery_id=int(delivery.delivery_id or 0),
        webhook_id=delivery.webhook_id,
        subscription_id=subscription.subscription_id,
        url=subscription.url,
        sealed_secrets=subscription.sealed_secrets(claimed_at),
        hook_type=delivery.hook_type,
        is_request=delivery.is_request,
        account_id=entry.account_id,
        external_id=delivery.external_id or accounts.get(session, entry.account_id).external_id,
        version=entry.version,
        actor=entry.actor,
        at=entry.at,
        detail=dict(entry.detail),
        attempts=delivery.attempts,
        claimed_at=claimed_at,
        tries_until=delivery.tries_until,
        epoch=epochs.current(session),
    )
