"""Subscriptions of hosts: made, rotated, ended, tested, replayed; and what becomes of deliveries that nobody took.

The audit keeps each change.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from uuid_utils.compat import uuid7

from domain.host.webhooks import (
    SECRET_OVERLAP,
    TEST_TYPE,
    Courier,
    Hook,
    UnusableWebhook,
    checked_overlap,
    checked_types,
    checked_url,
    new_webhook_secret,
)
from domain.ports import Seal
from domain.staff.staff import AuditKind, Author, clean_name
from store import Database, Session
from store.host import webhook_upkeep
from store.people import journal
from store.staff import audit
from store.webhooks import deliveries, subscriptions
from store.webhooks.subscriptions import WebhookSubscription

_REPLAYED_AT_ONCE = 500


@dataclass(frozen=True, kw_only=True)
class NewSecret:
    """The secret of a subscription, which nobody can see again."""

    subscription_id: str
    name: str
    secret: str = field(repr=False)


def make(
    session: Session,
    author: Author,
    *,
    name: str,
    url: str,
    kinds: Iterable[str] | None,
    courier: Courier,
    seal: Seal,
    allows_http: bool,
    at: datetime,
) -> NewSecret:
    """Subscribe an address to these kinds of events, or to all by None.

    Raises UnusableWebhook for an address that no event may go to, an unknown kind, and a name that is taken or empty.
    """
    plain_name = clean_name(name)
    if not plain_name:
        raise UnusableWebhook("a subscription needs a name that says who hears of it")
    if objection := courier.objection(checked_url(url, allows_http=allows_http)):
        raise UnusableWebhook(f"no event goes to this address: {objection.replace('_', ' ')}")
    secret = new_webhook_secret()
    subscription = WebhookSubscription(
        name=plain_name,
        url=url,
        kinds=None if kinds is None else list(checked_types(kinds)),
        sealed_secret=seal.close(secret),
        made_by=author.by,
        made_at=at,
    )
    subscriptions.add(session, subscription)
    _note(session, author, AuditKind.WEBHOOK_MADE, subscription, at=at)
    return NewSecret(subscription_id=subscription.subscription_id, name=plain_name, secret=secret)


def rotate_secret(
    session: Session,
    author: Author,
    name: str,
    *,
    seal: Seal,
    at: datetime,
    overlap: timedelta = SECRET_OVERLAP,
) -> NewSecret:
    """Sign by a new secret, and by the present one as well until the overlap is over.

    Raises Unknown, and UnusableWebhook for an impossible overlap.
    """
    former_until = at + checked_overlap(overlap)
    subscription = subscriptions.lock(session, subscriptions.named(session, name).subscription_id)
    secret = new_webhook_secret()
    subscriptions.rotate(session, subscription, seal.close(secret), former_until=former_until)
    _note(session, author, AuditKind.WEBHOOK_SECRET_ROTATED, subscription, at=at)
    return NewSecret(subscription_id=subscription.subscription_id, name=subscription.name, secret=secret)


def end(session: Session, author: Author, name: str, *, at: datetime) -> int:
    """End a subscription at once; returns how many deliveries were on their way. Raises Unknown."""
    subscription = subscriptions.lock(session, subscriptions.named(session, name).subscription_id)
    subscriptions.end(session, subscription, at=at, because=author.by)
    dropped = deliveries.drop_all(session, subscription.subscription_id, at=at)
    _note(session, author, AuditKind.WEBHOOK_ENDED, subscription, at=at)
    return dropped


def replay(database: Database, author: Author, name: str, *, since: datetime, at: datetime) -> int:
    """Tell a subscription anew, in order, of all entries since a time; returns how many. Raises Unknown.

    It goes in small transactions. Requests are left out, and entries that come meanwhile are told as ever.
    """
    with database.transaction() as session:
        subscription = subscriptions.named(session, name)
        number = webhook_upkeep.next_replay(session, subscription.subscription_id)
        up_to = journal.newest_id(session)
        _note(session, author, AuditKind.WEBHOOK_REPLAYED, subscription, at=at)
    after: int | None = 0
    total = 0
    while after is not None:
        with database.transaction() as session:
            after, count = webhook_upkeep.replay_some(
                session,
                subscription,
                since=since,
                after=after,
                up_to=up_to,
                replay=number,
                at=at,
                limit=_REPLAYED_AT_ONCE,
            )
        total += count
    return total


def send_test(database: Database, name: str, *, courier: Courier, seal: Seal, at: datetime) -> int:
    """Send an event that says nothing, once and at once; returns the receiver's status. Raises Unknown, NotTaken."""
    with database.reading() as session:
        subscription = subscriptions.named(session, name)
    event = {"type": TEST_TYPE, "timestamp": at.isoformat(), "data": {}}
    hook = Hook(
        url=subscription.url,
        webhook_id=f"evt_{uuid7().hex}",
        at=at,
        body=json.dumps(event, separators=(",", ":")),
        secrets=tuple(seal.open(sealed) for sealed in subscription.sealed_secrets(at)),
    )
    return courier.bring(hook)


def send_again(session: Session, author: Author, delivery_id: int, *, at: datetime) -> None:
    """Try a dead delivery for some more days. Raises Unknown, and UnusableWebhook if it makes no sense any more."""
    webhook_upkeep.send_again(session, delivery_id, at=at)
    audit.append(session, author, AuditKind.WEBHOOK_SENT_AGAIN, at=at, delivery_id=delivery_id)


def give_up(session: Session, author: Author, delivery_id: int, *, at: datetime) -> None:
    """Take a dead delivery off the list. Raises Unknown."""
    webhook_upkeep.give_up(session, delivery_id)
    audit.append(session, author, AuditKind.WEBHOOK_GIVEN_UP, at=at, delivery_id=delivery_id)


def _note(
    session: Session, author: Author, kind: AuditKind, subscription: WebhookSubscription, *, at: datetime
) -> None:
    audit.append(session, author, kind, at=at, subscription_id=subscription.subscription_id)
