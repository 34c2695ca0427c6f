"""Messages that a restored backup has waiting: nobody knows which of them were sent in the time that was lost."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import Session, col, func, select

from domain.messages.messages import MessageState, Purpose
from store.messages import hand_overs, messages
from store.messages.messages import Message

RESTORED = "restored"
"""Why a message is `unknown` that may have been sent in the time that was lost."""

_OPEN = (MessageState.QUEUED, MessageState.HANDED, MessageState.SENDING)
_GIVEN_UP_AT_ONCE = 500


def count_said_again(session: Session, *, now: datetime) -> int:
    """How many notices are said again, perhaps for the second time: a notice must not be missed."""
    return session.exec(select(func.count()).select_from(Message).where(_is_said_again(now))).one()


def count_given_up(session: Session, *, now: datetime) -> int:
    """How many messages become `unknown`: they may have been sent, and are not worth saying twice."""
    return session.exec(select(func.count()).select_from(Message).where(_is_given_up(now))).one()


def give_up(session: Session, *, now: datetime) -> None:
    """Make everything `unknown` that may have been sent and is not said again."""
    while rows := _to_give_up(session, now):
        for message in rows:
            messages.settle(session, message, MessageState.UNKNOWN, at=now, reason=RESTORED)


def say_again(session: Session, *, now: datetime) -> None:
    """Queue the notices again that may have been sent."""
    hand_overs.queue_again(session, _is_said_again(now))


def _to_give_up(session: Session, now: datetime) -> Sequence[Message]:
    return session.exec(select(Message).where(_is_given_up(now)).limit(_GIVEN_UP_AT_ONCE)).all()


def _is_said_again(now: datetime) -> ColumnElement[bool]:
    was_claimed = col(Message.state) == MessageState.SENDING
    return and_(_may_have_gone(now), col(Message.purpose) == Purpose.NOTICE, ~was_claimed)


def _is_given_up(now: datetime) -> ColumnElement[bool]:
    """What a sender had claimed, a claim's rule settles as ever; codes can be asked for anew, and reminders go on."""
    was_claimed = col(Message.state) == MessageState.SENDING
    return and_(_may_have_gone(now), or_(was_claimed, col(Message.purpose) != Purpose.NOTICE))


def _may_have_gone(now: datetime) -> ColumnElement[bool]:
    """Open, and not waiting for a moment that has not come yet."""
    has_waited = or_(col(Message.not_before).is_(None), col(Message.not_before) <= now)
    return and_(col(Message.state).in_(_OPEN), has_waited)
