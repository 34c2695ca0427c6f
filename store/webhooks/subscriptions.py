"""Subscriptions: where a host hears of which journal entries, and the sealed secrets that sign what it hears."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import JSON, Column, ColumnElement, Index, LargeBinary, exists, text
from sqlmodel import Field, Session, SQLModel, col, select
from uuid_utils.compat import uuid7

from domain.errors import Unknown
from domain.host.webhooks import STEADY_FAILURES, UnusableWebhook, receiver_rest
from store.engine.database import add_new
from store.engine.types import Instant

GONE = "gone"
"""Why a subscription ended whose receiver has answered that it wants no events any more."""

_CURRENT = "webhook_subscriptions"


class WebhookSubscription(SQLModel, table=True):
    """One subscription. `kinds` is None if it hears everything, also kinds that later releases add.

    `former_secret` signs as well until `former_until`. `failures` counts those in a row; while it is `held_until` a
    time, nothing but requests is sent there.
    """

    __tablename__ = "webhook_subscription"
    __table_args__ = (
        Index(
            "ix_webhook_subscription_name",
            "name",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    subscription_id: str = Field(primary_key=True, default_factory=lambda: str(uuid7()))
    name: str
    url: str
    kinds: list[str] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))
    sealed_secret: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    former_secret: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    former_until: datetime | None = Field(default=None, sa_type=Instant)
    made_by: str
    made_at: datetime = Field(sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
    ended_because: str | None = None
    failures: int = 0
    held_until: datetime | None = Field(default=None, sa_type=Instant)

    def wants(self, hook_type: str) -> bool:
        """Whether it hears of entries of this type."""
        return self.kinds is None or hook_type in self.kinds

    def sealed_secrets(self, now: datetime) -> tuple[bytes, ...]:
        """The secrets that sign at a moment, the newest first."""
        if self.former_secret and self.former_until and now < self.former_until:
            return self.sealed_secret, self.former_secret
        return (self.sealed_secret,)

    def is_held(self, now: datetime) -> bool:
        """Whether its receiver is left alone for a while."""
        return self.held_until is not None and now < self.held_until

    @property
    def is_failing(self) -> bool:
        """Whether its receiver has failed so often in a row that one event at a time is enough."""
        return self.failures >= STEADY_FAILURES


def add(session: Session, subscription: WebhookSubscription) -> None:
    """Keep a new subscription. Raises UnusableWebhook if a current one has its name."""
    refusal = UnusableWebhook(f"there is a subscription called {subscription.name} already")
    add_new(session, subscription, refusal=refusal)
    session.info.pop(_CURRENT, None)


def is_any_current() -> ColumnElement[bool]:
    """Whether anybody has subscribed, as a part of another statement."""
    return exists().where(col(WebhookSubscription.ended_at).is_(None))


def current(session: Session) -> Sequence[WebhookSubscription]:
    """The subscriptions that have not ended, the oldest first."""
    query = select(WebhookSubscription).where(col(WebhookSubscription.ended_at).is_(None))
    return session.exec(query.order_by(col(WebhookSubscription.subscription_id))).all()


def current_once(session: Session) -> Sequence[WebhookSubscription]:
    """The same, read once in a transaction: most transactions write several entries, and most sites have none."""
    if _CURRENT not in session.info:
        session.info[_CURRENT] = current(session)
    subscriptions: Sequence[WebhookSubscription] = session.info[_CURRENT]
    return subscriptions


def every(session: Session) -> Sequence[WebhookSubscription]:
    """All subscriptions that there ever were, the newest first."""
    newest_first = col(WebhookSubscription.subscription_id).desc()
    return session.exec(select(WebhookSubscription).order_by(newest_first)).all()


def named(session: Session, name: str) -> WebhookSubscription:
    """The current subscription of a name. Raises Unknown."""
    of_name = select(WebhookSubscription).where(WebhookSubscription.name == name)
    subscription = session.exec(of_name.where(col(WebhookSubscription.ended_at).is_(None))).first()
    if subscription is None:
        raise Unknown(f"no subscription is called {name}")
    return subscription


def lock(session: Session, subscription_id: str) -> WebhookSubscription:
    """A subscription as it is now, with its row locked until the transaction ends. Raises Unknown.

    Deliveries may be added to it meanwhile. No transaction locks it that has locked an account before.
    """
    query = select(WebhookSubscription).where(WebhookSubscription.subscription_id == subscription_id)
    fresh = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    subscription = session.exec(fresh).first()
    if subscription is None:
        raise Unknown(f"no subscription {subscription_id}")
    return subscription


def rotate(
    session: Session, subscription: WebhookSubscription, sealed_secret: bytes, *, former_until: datetime
) -> None:
    """Sign by a new secret, and until a time by the present one as well. An older one signs no more."""
    subscription.former_secret, subscription.former_until = subscription.sealed_secret, former_until
    subscription.sealed_secret = sealed_secret
    session.add(subscription)
    session.flush()


def end(session: Session, subscription: WebhookSubscription, *, at: datetime, because: str) -> None:
    """End a subscription, and forget its secrets."""
    subscription.ended_at, subscription.ended_because = at, because
    subscription.sealed_secret, subscription.former_secret, subscription.former_until = b"", None, None
    session.add(subscription)
    session.flush()
    session.info.pop(_CURRENT, None)


def note_answer(session: Session, subscription_id: str) -> None:
    """Note that a receiver takes events. Writes only if it had failed before."""
    subscription = session.get(WebhookSubscription, subscription_id)
    if subscription and (subscription.failures or subscription.held_until):
        subscription = lock(session, subscription_id)
        subscription.failures, subscription.held_until = 0, None
        session.add(subscription)
        session.flush()


def note_failure(session: Session, subscription_id: str, *, at: datetime) -> None:
    """Count a failure of a receiver, and leave it alone for a while if it fails again and again."""
    subscription = lock(session, subscription_id)
    if subscription.is_held(at):
        return
    subscription.failures += 1
    if rest := receiver_rest(subscription.failures):
        subscription.held_until = at + rest
    session.add(subscription)
    session.flush()
