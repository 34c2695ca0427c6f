"""Chooses what the relay hands over next, in which order, and finds messages that got stuck on the way."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import chain, islice, zip_longest

from sqlalchemy import ColumnElement, TextClause, case, literal, or_
from sqlmodel import Session, and_, col, func, select, text, update

from domain.facts import Channel
from domain.messages.messages import LIFETIMES, SEND_TIMEOUT, MessageState, Purpose
from store.engine.database import wake_relay
from store.engine.types import Instant
from store.messages.messages import Message

RETRY_REST = timedelta(seconds=5)
"""How long a message rests before it is handed over again, after no provider took it."""

HANDED_LIFETIME = timedelta(minutes=2)
"""How long Temporal may take to begin with a message; after that, it is given to it again."""

WAITED_FOR = (Purpose.CODE, Purpose.NOTICE)
"""The purposes of messages that people wait for, or must have at once."""

# Written out, because parameters keep SQLite from using the partial indexes.
IS_QUEUED = text("message.state = 'queued'")
IS_UNDER_WAY = text("message.state IN ('handed', 'sending')")


def waited_for(session: Session, *, now: datetime, limit: int) -> Sequence[Message]:
    """Codes and notices that Temporal has not been given yet: codes first, then notices, the oldest of each first.

    A message that a sender has just given back is left out for a moment, or until its `not_before`.
    """
    query = select(Message).where(IS_QUEUED, col(Message.purpose).in_(WAITED_FOR), *may_go(now))
    return session.exec(query.order_by(col(Message.purpose), col(Message.created_at)).limit(limit)).all()


def nudges(session: Session, channel: Channel, *, now: datetime, limit: int) -> list[Message]:
    """Nudges by a channel that Temporal has not been given yet: cohorts take turns, each with its longest due first.

    So a small cohort does not wait until all nudges of a large cohort are sent.
    """
    shares = [
        session.exec(
            select(Message)
            .where(*_is_nudge_by(channel), Message.cohort_id == cohort_id, due_at() <= now, *may_go(now))
            .order_by(due_at())
            .limit(limit)
        )
        for cohort_id in _cohorts_waiting(session, channel)
    ]
    by_turns = chain.from_iterable(zip_longest(*shares))
    return list(islice((message for message in by_turns if message), limit))


def count_nudges_handed(session: Session, channel: Channel) -> int:
    """How many nudges by a channel Temporal has that no sender has claimed yet."""
    query = select(func.count()).where(
        IS_UNDER_WAY,
        Message.state == MessageState.HANDED,
        Message.purpose == Purpose.NUDGE,
        Message.channel == channel,
    )
    return session.exec(query).one()


def handed_in_vain(session: Session, *, now: datetime, limit: int) -> Sequence[Message]:
    """Messages that Temporal was given a while ago and no sender has claimed, the longest-waiting first.

    Temporal may have lost them, or its activity may have come to an end without a sending. They are given to it again:
    the claim keeps the sending single. `handed_at` stays, so the lifetime of a message is not prolonged by that.
    """
    last_given = func.coalesce(col(Message.handed_again_at), col(Message.handed_at), type_=Instant())
    query = select(Message).where(
        IS_UNDER_WAY, col(Message.state) == MessageState.HANDED, last_given <= now - HANDED_LIFETIME
    )
    return session.exec(query.order_by(last_given).limit(limit)).all()


def mark_handed(session: Session, keys: Sequence[str], *, at: datetime) -> None:
    """Note that Temporal has taken messages over, or again; messages that a sender has claimed stay as they are."""
    was_handed = col(Message.state) == MessageState.HANDED
    session.execute(
        update(Message)
        .where(col(Message.key).in_(keys), col(Message.state).in_((MessageState.QUEUED, MessageState.HANDED)))
        .values(
            state=MessageState.HANDED,
            handed_at=func.coalesce(col(Message.handed_at), at, type_=Instant()),
            handed_again_at=case((was_handed, literal(at, Instant())), else_=None),
        )
    )


def requeue_handed(session: Session) -> None:
    """Queue again what Temporal was given and has not sent; Temporal starts no message twice that it still has."""
    queue_again(session, and_(IS_UNDER_WAY, col(Message.state) == MessageState.HANDED))


def queue_again(session: Session, which: ColumnElement[bool]) -> None:
    """Queue some messages as if they had never been handed over."""
    queued = update(Message).values(state=MessageState.QUEUED, handed_at=None, handed_again_at=None)
    session.execute(queued.where(which))
    wake_relay(session)


def lost_claims(session: Session, *, now: datetime, limit: int = 100) -> Sequence[str]:
    """Keys of messages whose sender died while it was sending them."""
    query = select(Message.key).where(
        IS_UNDER_WAY,
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
    query = select(Message).where(IS_UNDER_WAY, col(Message.state) == MessageState.HANDED, or_(*too_old))
    return session.exec(query.limit(limit)).all()


def longest_due(session: Session, *, now: datetime) -> datetime | None:
    """Since when the longest-waiting code or notice has been due; None if none waits to be handed over.

    Nudges do not count: they wait for their turn.
    """
    is_waited_for = IS_QUEUED, col(Message.purpose).in_(WAITED_FOR)
    return session.exec(select(func.min(due_at())).where(*is_waited_for, *may_go(now))).one()


def _cohorts_waiting(session: Session, channel: Channel) -> Iterator[str]:
    """The cohorts whose nudges wait, "" for nudges without a cohort; each query skips the other nudges of a cohort."""
    query = select(func.min(Message.cohort_id)).where(*_is_nudge_by(channel))
    cohort_id = session.exec(query).one()
    while cohort_id is not None:
        yield cohort_id
        cohort_id = session.exec(query.where(col(Message.cohort_id) > cohort_id)).one()


def _is_nudge_by(channel: Channel) -> tuple[TextClause, TextClause, ColumnElement[bool]]:
    return IS_QUEUED, text("message.purpose = 'nudge'"), col(Message.channel) == channel


def may_go(now: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """The conditions of queued messages that wait for nothing but their turn."""
    has_rested = or_(col(Message.claimed_at).is_(None), col(Message.claimed_at) <= now - RETRY_REST)
    return or_(col(Message.not_before).is_(None), col(Message.not_before) <= now), has_rested


def due_at() -> ColumnElement[datetime]:
    """From when a queued message may go."""
    return func.coalesce(col(Message.not_before), col(Message.created_at), type_=Instant())
