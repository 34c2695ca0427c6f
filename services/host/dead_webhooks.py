"""All that one subscription's receiver did not take: sent again, or given up, by one order, in small transactions."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from domain.errors import Unknown
from domain.host.webhooks import DiedMeanwhile, UnusableWebhook
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


@dataclass(frozen=True, kw_only=True)
class SeenDead:
    """What the author of an order has seen: how many deliveries were dead, and when the last of them had died.

    A delivery may die long after later ones, so its number does not say whether it was seen.
    """

    count: int
    until: datetime


def send_all_again(
    database: Database, author: Author, subscription_id: str, *, seen: SeenDead, at: datetime
) -> DeadOrder:
    """Try all dead deliveries of a subscription that its author has seen for some more days, in order.

    What makes no sense any more stays dead: a request that a later one has made void, or all of a subscription that has
    ended. Raises DiedMeanwhile.
    """

    def again(session: Session, delivery_id: int) -> None:
        webhook_upkeep.send_again(session, delivery_id, at=at)

    return _each(database, author, subscription_id, again, AuditKind.WEBHOOK_SENT_AGAIN, seen=seen, at=at)


def give_all_up(
    database: Database, author: Author, subscription_id: str, *, seen: SeenDead, at: datetime
) -> DeadOrder:
    """Take all dead deliveries of a subscription that its author has seen off the list. Raises DiedMeanwhile."""
    give_up, kind = webhook_upkeep.give_up, AuditKind.WEBHOOK_GIVEN_UP
    return _each(database, author, subscription_id, give_up, kind, seen=seen, at=at)


def _each(
    database: Database,
    author: Author,
    subscription_id: str,
    move: Callable[[Session, int], None],
    kind: AuditKind,
    *,
    seen: SeenDead,
    at: datetime,
) -> DeadOrder:
    moved = void = after = 0
    _check_nothing_unseen(database, subscription_id, seen)
    while True:
        with database.transaction() as session:
            delivery_ids = webhook_upkeep.lock_died(
                session, subscription_id, until=seen.until, after=after, limit=_AT_ONCE
            )
            if not delivery_ids:
                return DeadOrder(moved=moved, void=void)
            outcomes = [_is_moved(session, move, delivery_id) for delivery_id in delivery_ids]
            if count := outcomes.count(True):
                audit.append(session, author, kind, at=at, subscription_id=subscription_id, deliveries=count)
        moved, void, after = moved + count, void + outcomes.count(False), delivery_ids[-1]


def _check_nothing_unseen(database: Database, subscription_id: str, seen: SeenDead) -> None:
    """A death that was written down while its author looked has an earlier time, and is one more than they saw."""
    with database.reading() as session:
        count = webhook_upkeep.count_died(session, subscription_id, until=seen.until)
    if count > seen.count:
        raise DiedMeanwhile("more have died meanwhile; look again")


def _is_moved(session: Session, move: Callable[[Session, int], None], delivery_id: int) -> bool | None:
    """Whether one delivery was moved; None if somebody else has done so meanwhile."""
    try:
        move(session, delivery_id)
    except UnusableWebhook:
        return False
    except Unknown:
        return None
    return True
