"""What staff do about deliveries: send dead ones again, give them up, and replay what a subscription has heard."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Delete, TextClause, Update, text
from sqlmodel import Session, col, delete, func, select, update

from domain.errors import Unknown
from domain.host.webhooks import TRIED_FOR, HookState, UnusableWebhook
from domain.journal import EventKind
from store.engine.database import wake_relay
from store.host import webhook_sending
from store.people import accounts
from store.people.accounts import Account
from store.people.journal import JournalEntry
from store.webhooks import deliveries
from store.webhooks.deliveries import OutgoingEntry, WebhookDelivery
from store.webhooks.subscriptions import WebhookSubscription

KEPT_FOR = timedelta(days=30)
"""How long a delivery stays on record after its end. A dead one stays until staff say what becomes of it."""

_IS_DEAD = text("webhook_delivery.state = 'dead'")


@dataclass(frozen=True, kw_only=True)
class DeadDelivery:
    """A delivery that was tried for days in vain, for staff to read. `reason` is that of the last attempt."""

    delivery_id: int
    webhook_id: str
    subscription: str
    is_ended: bool
    hook_type: str
    account_id: str
    external_id: str
    attempts: int
    created_at: datetime
    died_at: datetime | None
    reason: str


@dataclass(frozen=True, kw_only=True)
class DeadLot:
    """All dead deliveries of one subscription: when the last of them died, and of when the oldest is."""

    subscription_id: str
    subscription: str
    is_ended: bool
    count: int
    last_died_at: datetime
    oldest_at: datetime


def dead(
    session: Session, *, subscription_id: str | None = None, after: int = 0, limit: int
) -> list[DeadDelivery]:
    """Dead deliveries in the order of the journal, beginning behind one."""
    query = (
        select(WebhookDelivery, WebhookSubscription, func.coalesce(Account.external_id, ""))
        .join(WebhookSubscription)
        .outerjoin(Account, col(Account.account_id) == WebhookDelivery.account_id)
        .where(_IS_DEAD, col(WebhookDelivery.delivery_id) > after)
    )
    if subscription_id:
        query = query.where(WebhookDelivery.subscription_id == subscription_id)
    in_order = query.order_by(col(WebhookDelivery.delivery_id)).limit(limit)
    return [
        _dead(delivery, subscription, external_id)
        for delivery, subscription, external_id in session.exec(in_order)
    ]


def count_dead(session: Session) -> dict[str, int]:
    """How many dead deliveries each subscription has, by its id."""
    query = select(WebhookDelivery.subscription_id, func.count()).where(_IS_DEAD)
    return dict(session.exec(query.group_by(col(WebhookDelivery.subscription_id))).all())


def dead_lots(session: Session) -> list[DeadLot]:
    """What is dead, subscription by subscription, in the order of their names; those that have ended come, too."""
    died_at, created_at = col(WebhookDelivery.settled_at), WebhookDelivery.created_at
    query = (
        select(WebhookSubscription, func.count(), func.max(died_at), func.min(created_at))
        .join(WebhookDelivery)
        .where(_IS_DEAD)
        .group_by(col(WebhookSubscription.subscription_id))
        .order_by(col(WebhookSubscription.name), col(WebhookSubscription.subscription_id))
    )
    return [
        DeadLot(
            subscription_id=subscription.subscription_id,
            subscription=subscription.name,
            is_ended=subscription.ended_at is not None,
            count=count,
            last_died_at=last_died_at or oldest_at,
            oldest_at=oldest_at,
        )
        for subscription, count, last_died_at, oldest_at in session.exec(query)
    ]


def count_died(session: Session, subscription_id: str, *, until: datetime) -> int:
    """How many of a subscription's dead deliveries had died by a time."""
    return session.exec(select(func.count()).where(*_had_died(subscription_id, until))).one()


def lock_died(
    session: Session, subscription_id: str, *, until: datetime, after: int, limit: int
) -> list[int]:
    """The next of a subscription's deliveries that had died by a time, in order, with their accounts locked."""
    query = select(WebhookDelivery.delivery_id, WebhookDelivery.account_id).where(
        *_had_died(subscription_id, until), col(WebhookDelivery.delivery_id) > after
    )
    rows = session.exec(query.order_by(col(WebhookDelivery.delivery_id)).limit(limit)).all()
    for account_id in sorted({account_id for _, account_id in rows}):
        accounts.lock(session, account_id)
    return [int(delivery_id or 0) for delivery_id, _ in rows]


def send_again(session: Session, delivery_id: int, *, at: datetime) -> None:
    """Try a dead delivery for some more days, under its `webhook_id`. Raises Unknown, UnusableWebhook.

    What waits in its lane waits for it from now on.
    """
    delivery = _locked_dead(session, delivery_id)
    subscription = session.get(WebhookSubscription, delivery.subscription_id)
    if subscription is None or subscription.ended_at:
        raise UnusableWebhook("its subscription has ended; give it up")
    if webhook_sending.void_as(session, delivery):
        raise UnusableWebhook("a later request, or the end of its account, makes it void; give it up")
    delivery.state, delivery.not_before, delivery.settled_at = HookState.BEHIND, at, None
    delivery.attempts, delivery.tries_until = 0, at + TRIED_FOR
    session.add(delivery)
    session.flush()
    if not deliveries.is_any_under_way(session, delivery):
        delivery.state = HookState.WAITING
        session.add(delivery)
        session.flush()
    wake_relay(session)


def give_up(session: Session, delivery_id: int) -> None:
    """Take a dead delivery off the list. Raises Unknown."""
    delivery = _locked_dead(session, delivery_id)
    delivery.state, delivery.external_id = HookState.GIVEN_UP, None
    session.add(delivery)
    session.flush()


def next_replay(session: Session, subscription_id: str) -> int:
    """The number of the next replay of a subscription."""
    query = select(func.max(WebhookDelivery.replay)).where(WebhookDelivery.subscription_id == subscription_id)
    return (session.exec(query).one() or 0) + 1


def replay_some(
    session: Session,
    subscription: WebhookSubscription,
    *,
    since: datetime,
    after: int,
    up_to: int,
    replay: int,
    at: datetime,
    limit: int,
) -> tuple[int | None, int]:
    """Add new deliveries of some entries, in order; returns the last entry's id, or None at the end, and how many.

    Requests are left out: what the host is asked now is not what it was asked then.
    """
    query = select(JournalEntry).where(
        col(JournalEntry.entry_id) > after,
        col(JournalEntry.entry_id) <= up_to,
        col(JournalEntry.at) >= since,
        col(JournalEntry.kind) != EventKind.HOST_ASKED,
    )
    if subscription.kinds is not None:
        query = query.where(col(JournalEntry.kind).in_(subscription.kinds))
    entries = session.exec(query.order_by(col(JournalEntry.entry_id)).limit(limit)).all()
    if not entries:
        return None, 0
    for account_id in sorted({entry.account_id for entry in entries}):
        accounts.lock(session, account_id)
    outgoing = [_outgoing(entry) for entry in entries]
    return entries[-1].entry_id, deliveries.add_to(session, subscription, outgoing, at=at, replay=replay)


def cleared(*, now: datetime) -> Delete:
    """The statement that deletes deliveries some time after their end."""
    return delete(WebhookDelivery).where(
        col(WebhookDelivery.settled_at) < now - KEPT_FOR, col(WebhookDelivery.state) != HookState.DEAD
    )


def forgotten(*, now: datetime) -> Update:
    """The statement that forgets what a host called deleted accounts, where deliveries were left dead for long."""
    left_dead = (_IS_DEAD, col(WebhookDelivery.settled_at) < now - KEPT_FOR)
    named = update(WebhookDelivery).where(*left_dead, col(WebhookDelivery.external_id).is_not(None))
    return named.values(external_id=None)


def _had_died(subscription_id: str, until: datetime) -> tuple[ColumnElement[bool] | TextClause, ...]:
    return (
        _IS_DEAD,
        col(WebhookDelivery.subscription_id) == subscription_id,
        col(WebhookDelivery.settled_at) <= until,
    )


def _dead(delivery: WebhookDelivery, subscription: WebhookSubscription, external_id: str) -> DeadDelivery:
    return DeadDelivery(
        delivery_id=int(delivery.delivery_id or 0),
        webhook_id=delivery.webhook_id,
        subscription=subscription.name,
        is_ended=subscription.ended_at is not None,
        hook_type=delivery.hook_type,
        account_id=delivery.account_id,
        external_id=external_id,
        attempts=delivery.attempts,
        created_at=delivery.created_at,
        died_at=delivery.settled_at,
        reason=delivery.reason or "",
    )


def _locked_dead(session: Session, delivery_id: int) -> WebhookDelivery:
    account_ids = session.exec(
        select(WebhookDelivery.account_id).where(WebhookDelivery.delivery_id == delivery_id)
    ).all()
    for account_id in account_ids:
        accounts.lock(session, account_id)
    query = select(WebhookDelivery).where(WebhookDelivery.delivery_id == delivery_id, _IS_DEAD)
    delivery = session.exec(query.execution_options(populate_existing=True)).first()
    if delivery is None:
        raise Unknown(f"no dead delivery {delivery_id}")
    return delivery


def _outgoing(entry: JournalEntry) -> OutgoingEntry:
    return OutgoingEntry(
        entry_id=int(entry.entry_id or 0),
        account_id=entry.account_id,
        kind=EventKind(entry.kind),
        detail=entry.detail,
    )
