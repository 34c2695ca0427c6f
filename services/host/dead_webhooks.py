"""All that one subscription's receiver did not take: sent again, or given up, by one order, in small transactions."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from domain.errors import Unknown
from domain.host.webhooks import UnusableWebhook
from domain.staff.staff import AuditKind, Author
from store import Database, Session
from store.host import webhook_upkeep
from store.staff import audit

_AT_ONCE = 100


@dataclass(frozen=True, kw_only=True)
class DeadOrder:
    """What an order about dead deliveries came to: how many it has `moved`, and how many it could not send again."""

    moved: int
    void: int


def send_all_again(
    database: Database, author: Author, subscription_id: str, *, up_to: int, at: datetime
) -> DeadOrder:
    """Try all dead deliveries of a subscription for some more days, in order, up to a delivery that its author saw.

    What makes no sense any more stays dead: a request that a later one has made void, or all of a subscription that has
    ended.
    """

    def again(session: Session, delivery_id: int) -> None:
        webhook_upkeep.send_again(session, delivery_id, at=at)

    return _each(database, author, subscription_id, again, AuditKind.WEBHOOK_SENT_AGAIN, up_to=up_to, at=at)


def give_all_up(
    database: Database, author: Author, subscription_id: str, *, up_to: int, at: datetime
) -> DeadOrder:
    """Take all dead deliveries of a subscription off the list, up to a delivery that its author saw."""
    give_up, kind = webhook_upkeep.give_up, AuditKind.WEBHOOK_GIVEN_UP
    return _each(database, author, subscription_id, give_up, kind, up_to=up_to, at=at)


def _each(
    database: Database,
    author: Author,
    subscription_id: str,
    move: Callable[[Session, int], None],
    kind: AuditKind,
    *,
    up_to: int,
    at: datetime,
) -> DeadOrder:
    moved = void = after = 0
    while True:
        with database.transaction() as session:
            delivery_ids = webhook_upkeep.lock_dead(
                session, subscription_id, after=after, up_to=up_to, limit=_AT_ONCE
            )
            if not delivery_ids:
                return DeadOrder(moved=moved, void=void)
            outcomes = [_is_moved(session, move, delivery_id) for delivery_id in delivery_ids]
            if count := outcomes.count(True):
                audit.append(session, author, kind, at=at, subscription_id=subscription_id, deliveries=count)
        moved, void, after = moved + count, void + outcomes.count(False), delivery_ids[-1]


def _is_moved(session: Session, move: Callable[[Session, int], None], delivery_id: int) -> bool | None:
    """Whether one delivery was moved; None if somebody else has done so meanwhile."""
    try:
        move(session, delivery_id)
    except UnusableWebhook:
        return False
    except Unknown:
        return None
    return True
