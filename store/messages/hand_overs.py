"""What the relay hands over next, in which order, and what was left behind on the way."""

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
"""How long a message that no provider took waits before it is handed on again."""

WAITED_FOR = (Purpose.CODE, Purpose.NOTICE)
"""What people wait for, or must hear at once."""

# Written out, because parameters keep SQLite from using the partial indexes.
_IS_QUEUED = text("message.state = 'queued'")
_IS_UNDER_WAY = text("message.state IN ('handed', 'sending')")


def waited_for(session: Session, *, now: datetime, limit: int) -> Sequence[Message]:
    """What people wait for and Temporal has not been given yet: codes first, then notices, the oldest of each first.

    One that a sender has just given back rests for a moment, or for as long as it has to wait.
    """
    query = select(Message).where(_IS_QUEUED, col(Message.purpose).in_(WAITED_FOR), *_may_go(now))
    return session.exec(query.order_by(col(Message.purpose), col(Message.created_at)).limit(limit)).all()


def nudges(session: Session, channel: Channel, *, now: datetime, limit: int) -> list[Message]:
    """Nudges by a channel that Temporal has not been given yet: in turn of their cohorts, the longest due first.

    So a small cohort does not wait until a large one has been served.
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
    in_turn = chain.from_iterable(zip_longest(*shares))
    return list(islice((message for message in in_turn if message), limit))


def count_nudges_handed(session: Session, channel: Channel) -> int:
    """How many nudges by a channel Temporal has, of which nobody has begun to send one."""
    query = select(func.count()).where(
        _IS_UNDER_WAY,
        Message.state == MessageState.HANDED,
        Message.purpose == Purpose.NUDGE,
        Message.channel == channel,
    )
    return session.exec(query).one()


def mark_handed(session: Session, keys: Sequence[str], *, at: datetime) -> None:
    """Note that Temporal has taken messages over; one that is already further stays where it is."""
    session.execute(
        update(Message)
        .where(col(Message.key).in_(keys), col(Message.state) == MessageState.QUEUED)
        .values(state=MessageState.HANDED, handed_at=at)
    )


def requeue_handed(session: Session) -> None:
    """Queue again what Temporal was given and has not sent yet; what it still has is not started twice."""
    handed = update(Message).where(_IS_UNDER_WAY, col(Message.state) == MessageState.HANDED)
    session.execute(handed.values(state=MessageState.QUEUED))
    wake_relay(session)


def lost_claims(session: Session, *, now: datetime, limit: int = 100) -> Sequence[str]:
    """Keys of messages whose sender has died with them in hand."""
    query = select(Message.key).where(
        _IS_UNDER_WAY,
        col(Message.state) == MessageState.SENDING,
        col(Message.claimed_at) <= now - SEND_TIMEOUT,
    )
    return session.exec(query.limit(limit)).all()


def overdue(session: Session, *, now: datetime, limit: int = 100) -> Sequence[Message]:
    """Messages that nobody has managed to send within their purpose's lifetime, since Temporal was given them last."""
    since = func.coalesce(col(Message.handed_at), col(Message.created_at), type_=Instant())
    too_old = [
        and_(col(Message.purpose) == purpose, since < now - lifetime)
        for purpose, lifetime in LIFETIMES.items()
    ]
    query = select(Message).where(_IS_UNDER_WAY, col(Message.state) == MessageState.HANDED, or_(*too_old))
    return session.exec(query.limit(limit)).all()


def longest_due(session: Session, *, now: datetime) -> datetime | None:
    """Since when the longest-waiting message that the relay should hand over at once has been due.

    Nudges are not among them: they wait until it is their turn.
    """
    waiting = _IS_QUEUED, col(Message.purpose).in_(WAITED_FOR)
    return session.exec(select(func.min(_due_at())).where(*waiting, *_may_go(now))).one()


def _cohorts_waiting(session: Session, channel: Channel) -> Iterator[str]:
    """The cohorts whose nudges wait, "" for those without one: from each to the next by the index, past its nudges."""
    last = ""
    query = select(func.min(Message.cohort_id)).where(*_is_nudge_by(channel))
    following = session.exec(query).one()
    while following is not None:
        yield following
        last = following
        following = session.exec(query.where(col(Message.cohort_id) > last)).one()


def _is_nudge_by(channel: Channel) -> tuple[TextClause, TextClause, ColumnElement[bool]]:
    return _IS_QUEUED, text("message.purpose = 'nudge'"), col(Message.channel) == channel


def _may_go(now: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    rested = or_(col(Message.claimed_at).is_(None), col(Message.claimed_at) <= now - RETRY_REST)
    return or_(col(Message.not_before).is_(None), col(Message.not_before) <= now), rested


def _due_at() -> ColumnElement[datetime]:
    return func.coalesce(col(Message.not_before), col(Message.created_at), type_=Instant())
