"""Deliveries: one journal entry on its way to one subscription. Its row is written in the entry's own transaction.

In each lane (a subscription, an account, and either its requests or its other entries) one delivery at a time is
under way, and the others are behind it. Whoever changes a lane holds the account's lock.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Index, Integer, UniqueConstraint, text
from sqlmodel import Field, Session, SQLModel, col, insert, or_, select, update
from uuid_utils.compat import uuid7

from domain.host.webhooks import TRIED_FOR, HookState, asks_host, type_of
from domain.journal import EventKind
from store.engine.database import wake_relay
from store.engine.types import Instant
from store.webhooks import subscriptions
from store.webhooks.subscriptions import WebhookSubscription

_AT_ONCE = 500
"""Accounts for each query: databases limit the number of values in a query."""

# Written out, because parameters keep SQLite from using the partial indexes.
_OPEN = "state IN ('behind', 'waiting', 'handed', 'sending')"
_UNSENT = (HookState.BEHIND, HookState.WAITING, HookState.HANDED)
IS_OPEN = text(f"webhook_delivery.{_OPEN}")
"""Whether a delivery has not come to an end."""
_IS_DEAD = text("webhook_delivery.state = 'dead'")


class WebhookDelivery(SQLModel, table=True):
    """One entry for one subscription. `delivery_id` gives the order within an account.

    `webhook_id` is what the receiver sees, in every attempt. `replay` is 0, or the number of the replay that asked for
    it. `not_before` is when it may be tried; `tries_until` is when the next failure is the last. `external_id` is there
    once the account is deleted, until the receiver has been told.
    """

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        UniqueConstraint("subscription_id", "entry_id", "replay"),
        Index(
            "ix_webhook_delivery_lane",
            *("subscription_id", "account_id", "is_request", "delivery_id"),
            sqlite_where=text(_OPEN),
            postgresql_where=text(_OPEN),
        ),
        Index(
            "ix_webhook_delivery_open",
            "created_at",
            sqlite_where=text(_OPEN),
            postgresql_where=text(_OPEN),
        ),
        Index(
            "ix_webhook_delivery_waiting",
            *("subscription_id", "not_before"),
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
        Index(
            "ix_webhook_delivery_under_way",
            *("subscription_id", "state"),
            sqlite_where=text("state IN ('handed', 'sending')"),
            postgresql_where=text("state IN ('handed', 'sending')"),
        ),
        Index(
            "ix_webhook_delivery_dead",
            "delivery_id",
            sqlite_where=text("state = 'dead'"),
            postgresql_where=text("state = 'dead'"),
        ),
        Index("ix_webhook_delivery_settled_at", "settled_at"),
        Index("ix_webhook_delivery_account", "account_id"),
    )

    delivery_id: int | None = Field(
        default=None, sa_column=Column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    )
    webhook_id: str
    subscription_id: str = Field(foreign_key="webhook_subscription.subscription_id")
    account_id: str
    external_id: str | None = None
    entry_id: int = Field(sa_type=BigInteger)
    replay: int = 0
    hook_type: str
    is_request: bool
    state: str
    attempts: int = 0
    created_at: datetime = Field(sa_type=Instant)
    not_before: datetime = Field(sa_type=Instant)
    tries_until: datetime = Field(sa_type=Instant)
    handed_at: datetime | None = Field(default=None, sa_type=Instant)
    claimed_at: datetime | None = Field(default=None, sa_type=Instant)
    settled_at: datetime | None = Field(default=None, sa_type=Instant)
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class OutgoingEntry:
    """A journal entry that a host may be told."""

    entry_id: int
    account_id: str
    kind: EventKind
    detail: Mapping[str, Any]

    @property
    def hook_type(self) -> str:
        """The type under which it goes out."""
        return type_of(self.kind, self.detail)

    @property
    def is_request(self) -> bool:
        """Whether it asks the host to do something."""
        return asks_host(self.hook_type)


def add(session: Session, entries: Sequence[OutgoingEntry], *, at: datetime) -> None:
    """Add deliveries of new entries to all subscriptions that want them. The caller has locked the accounts."""
    for subscription in subscriptions.current_once(session):
        add_to(session, subscription, entries, at=at)


def add_to(
    session: Session,
    subscription: WebhookSubscription,
    entries: Sequence[OutgoingEntry],
    *,
    at: datetime,
    replay: int = 0,
) -> int:
    """Add deliveries of the entries that a subscription wants, in this order; returns how many.

    The caller has locked the accounts.
    """
    wanted = [entry for entry in entries if subscription.wants(entry.hook_type)]
    if not wanted:
        return 0
    subscription_id = subscription.subscription_id
    _overtake(session, subscription_id, {entry.account_id for entry in wanted if entry.is_request}, at=at)
    lanes = _open_lanes(session, subscription_id, {entry.account_id for entry in wanted})
    rows = []
    for entry in wanted:
        lane = (entry.account_id, entry.is_request)
        state = HookState.BEHIND if lane in lanes else HookState.WAITING
        lanes.add(lane)
        rows.append(_row(subscription_id, entry, state, at=at, replay=replay))
    session.execute(insert(WebhookDelivery), rows)
    wake_relay(session)
    return len(rows)


def bring_up_next(session: Session, delivery: WebhookDelivery, *, at: datetime) -> None:
    """Let the next delivery of a lane go, after one has come to its end. The caller has locked the account."""
    in_lane = _in_lane(delivery.subscription_id, delivery.account_id, is_request=delivery.is_request)
    query = select(WebhookDelivery).where(IS_OPEN, *in_lane)
    first = session.exec(query.order_by(col(WebhookDelivery.delivery_id)).limit(1)).first()
    if first and first.state == HookState.BEHIND:
        first.state, first.not_before = HookState.WAITING, at
        session.add(first)
        session.flush()
        wake_relay(session)


def is_any_under_way(session: Session, delivery: WebhookDelivery) -> bool:
    """Whether a delivery of this lane waits, or is being sent. The caller has locked the account."""
    in_lane = _in_lane(delivery.subscription_id, delivery.account_id, is_request=delivery.is_request)
    query = select(WebhookDelivery.delivery_id).where(
        IS_OPEN, *in_lane, col(WebhookDelivery.state) != HookState.BEHIND
    )
    return session.exec(query.limit(1)).first() is not None


def keep_external_id(session: Session, account_id: str, external_id: str) -> None:
    """Let what is on its way, or dead, name a deleted account as its host did. The caller has locked the account."""
    its = update(WebhookDelivery).where(col(WebhookDelivery.account_id) == account_id)
    session.execute(its.where(or_(IS_OPEN, _IS_DEAD)).values(external_id=external_id))


def drop_all(session: Session, subscription_id: str, *, at: datetime) -> int:
    """Drop whatever is on its way to a subscription that has ended; returns how many."""
    dropped = update(WebhookDelivery).where(IS_OPEN, col(WebhookDelivery.subscription_id) == subscription_id)
    changes = {"state": HookState.DROPPED, "settled_at": at, "external_id": None}
    return int(session.execute(dropped.values(changes)).rowcount)  # type: ignore[attr-defined]


def _row(
    subscription_id: str, entry: OutgoingEntry, state: HookState, *, at: datetime, replay: int
) -> dict[str, Any]:
    return {
        "webhook_id": f"evt_{uuid7().hex}",
        "subscription_id": subscription_id,
        "account_id": entry.account_id,
        "entry_id": entry.entry_id,
        "replay": replay,
        "hook_type": entry.hook_type,
        "is_request": entry.is_request,
        "state": state,
        "attempts": 0,
        "created_at": at,
        "not_before": at,
        "tries_until": at + TRIED_FOR,
    }


def _overtake(session: Session, subscription_id: str, account_ids: Iterable[str], *, at: datetime) -> None:
    """A new request makes those void that were not sent yet: suspending after restoring would lock somebody out."""
    for portion in _portions(account_ids):
        unsent = update(WebhookDelivery).where(
            IS_OPEN,
            col(WebhookDelivery.subscription_id) == subscription_id,
            col(WebhookDelivery.account_id).in_(portion),
            col(WebhookDelivery.is_request).is_(True),
            col(WebhookDelivery.state).in_(_UNSENT),
        )
        session.execute(unsent.values(state=HookState.OVERTAKEN, settled_at=at, external_id=None))


def _open_lanes(session: Session, subscription_id: str, account_ids: Iterable[str]) -> set[tuple[str, bool]]:
    lanes: set[tuple[str, bool]] = set()
    for portion in _portions(account_ids):
        query = select(WebhookDelivery.account_id, WebhookDelivery.is_request).where(
            IS_OPEN,
            col(WebhookDelivery.subscription_id) == subscription_id,
            col(WebhookDelivery.account_id).in_(portion),
        )
        lanes |= set(session.exec(query.distinct()))
    return lanes


def _in_lane(subscription_id: str, account_id: str, *, is_request: bool) -> tuple[Any, ...]:
    return (
        col(WebhookDelivery.subscription_id) == subscription_id,
        col(WebhookDelivery.account_id) == account_id,
        col(WebhookDelivery.is_request).is_(is_request),
    )


def _portions(account_ids: Iterable[str]) -> Iterator[list[str]]:
    ids = sorted(account_ids)
    for start in range(0, len(ids), _AT_ONCE):
        yield ids[start : start + _AT_ONCE]
