"""Chooses what the relay hands over next, in which order, and finds messages that got stuck on the way."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import chain, islice, zip_longest

from sqlalchemy import ColumnElement, TextClause, or_
from sqlmodel import Session, and_, col, func, select, text, update

from domain.facts import Channel
from domain.messages.messages import LIFETIMES, SEND_TIMEOUT, MessageState, Purpose
from store.engine.database import wake_relay
from store.engine.types import Instant
from store.messages.messages import Message

RETRY_REST = timedelta(seconds=5)
"""How long a message rests before it is handed over again, after no provider took it."""

WAITED_FOR = (Purpose.CODE, Purpose.NOTICE)
"""The purposes of messages that people wait for, or must have at once."""

# Written out, because parameters keep SQLite from using the partial indexes.
_IS_QUEUED = text("message.state = 'queued'")
_IS_UNDER_WAY = text("message.state IN ('handed', 'sending')")


def waited_for(session: Session, *, now: datetime, limit: int) -> Sequence[Message]:
    """Codes and notices that Temporal has not been given yet: codes first, then notices, the oldest of each first.

    A message that a sender has just given back is left out for a moment, or until its `not_before`.
    """
    query = select(Message).where(_IS_QUEUED, col(Message.purpose).in_(WAITED_FOR), *_may_go(now))
    return session.exec(query.order_by(col(Message.purpose), col(Message.created_at)).limit(limit)).all()


def nudges(session: Session, channel: Channel, *, now: datetime, limit: int) -> list[Message]:
    """Nudges by a channel that Temporal has not been given yet: cohorts take turns, each with its longest due first.

    So a small cohort does not wait until all nudges of a large cohort are sent.
    """
    shares = [
        session.exec(
            select(Message)
            .where(*_is_nudge_by(channel), Message.cohort_id == cohort_id, _due_at() <= now, *_may_go(now))
            .order_by(_due_at())
            .limit(limit)
        )
        for cohort_id in _cohorts_waiting(session, channel)
    ]
    by_turns = chain.from_iterable(zip_longest(*shares))
    return list(islice((message for message in by_turns if message), limit))


def count_nudges_handed(session: Session, channel: Channel) -> int:
    """How many nudges by a channel Temporal has that no sender has claimed yet."""
    query = select(func.count()).where(
        _IS_UNDER_WAY,
        Message.state == MessageState.HANDED,
        Message.purpose == Purpose.NUDGE,
        Message.channel == channel,
    )
    return session.exec(query).one()


def mark_handed(session: Session, keys: Sequence[str], *, at: datetime) -> None:
    """Note that Temporal has taken messages over; messages that are no longer queued stay as they are."""
    session.execute(
        update(Message)
        .where(col(Message.key).in_(keys), col(Message.state) == MessageState.QUEUED)
        .values(state=MessageState.HANDED, handed_at=at)
    )


def requeue_handed(session: Session) -> None:
    """Queue again what Temporal was given and has not sent; Temporal starts no message twice that it still has."""
    handed = update(Message).where(_IS_UNDER_WAY, col(Message.state) == MessageState.HANDED)
    session.execute(handed.values(state=MessageState.QUEUED))
    wake_relay(session)


def lost_claims(session: Session, *, now: datetime, limit: int = 100) -> Sequence[str]:
    """Keys of messages whose sender died while it was sending them."""
    query = select(Message.key).where(
        _IS_UNDER_WAY,
        col(Message.state) == MessageState.SENDING,
        col(Message.claimed_at) <= now - SEND_TIMEOUT,
    )
    return session.exec(query.limit(limit)).all()


def overdue(session: Session, *, now: datetime, limit: int = 100) -> Sequence[Message]:
    """Messages that were not sent within their purpose's lifetime after Temporal was last given them."""
    since = func.coalesce(col(Message.handed_at), col(Message.created_at), type_=Instant())
    too_old = [
        and_(col(Message.purpose) == purpose, since < now - lifetime)
        for purpose, lifetime in LIFETIMES.items()
    ]
    query = select(Message).where(_IS_UNDER_WAY, col(Message.state) == MessageState.HANDED, or_(*too_old))
    return session.exec(query.limit(limit)).all()


def longest_due(session: Session, *, now: datetime) -> datetime | None:
    """Since when the longest-waiting code or notice has been due; None if none waits to be handed over.

    Nudges do not count: they wait for their turn.
    """
    is_waited_for = _IS_QUEUED, col(Message.purpose).in_(WAITED_FOR)
    return session.exec(select(func.min(_due_at())).where(*is_waited_for, *_may_go(now))).one()


def _cohorts_waiting(session: Session, channel: Channel) -> Iterator[str]:
    """The cohorts whose nudges wait, "" for nudges without a cohort; each query skips the other nudges of a cohort."""
    query = select(func.min(Message.cohort_id)).where(*_is_nudge_by(channel))
    cohort_id = session.exec(query).one()
    while cohort_id is not None:
        yield cohort_id
        cohort_id = session.exec(query.where(col(Message.cohort_id) > cohort_id)).one()


def _is_nudge_by(channel: Channel) -> tuple[TextClause, TextClause, ColumnElement[bool]]:
    return _IS_QUEUED, text("message.purpose = 'nudge'"), col(Message.channel) == channel


def _may_go(now: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    has_rested = or_(col(Message.claimed_at).is_(None), col(Message.claimed_at) <= now - RETRY_REST)
    return or_(col(Message.not_before).is_(None), col(Message.not_before) <= now), has_rested


def _due_at() -> ColumnElement[datetime]:
    return func.coalesce(col(Message.not_before), col(Message.created_at), type_=Instant())
