"""Counts what contacts, accounts and countries have got, and says when the next message may go."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from domain.facts import Channel
from domain.messages.budgets import BUDGETS, DAY, Budget, free_from
from domain.messages.messages import MessageState, Purpose
from domain.safety.contact_keys import contact_key
from domain.safety.guard import part_of
from store.engine import raised_guards
from store.messages import caps, text_counts
from store.messages.message_rows import Message
from store.people.accounts import Account

_UNSENT = (MessageState.GATHERED, MessageState.SKIPPED)


def full_until(
    session: Session, account_id: str, contact: str, purpose: Purpose, channel: Channel, *, at: datetime
) -> datetime | None:
    """When an account and its contact may get another message; None means now.

    The account and the contact stay locked until this transaction ends, so that nobody else counts meanwhile.
    """
    take_turn(session, account_id, [contact])
    by_contact = col(Message.recipient_key) == contact_key(contact)
    by_account = col(Message.account_id) == account_id
    moments = [
        free_from(_latest(session, purpose, channel, whose, since=since, limit=most), most)
        for budget, since in _budgets(session, purpose, channel, at=at)
        for whose, most in ((by_contact, budget.contact), (by_account, budget.account))
    ]
    moments.append(text_counts.full_until(session, contact, at=at) if channel is Channel.SMS else None)
    return max((moment for moment in moments if moment), default=None)


def _budgets(
    session: Session, purpose: Purpose, channel: Channel, *, at: datetime
) -> Iterator[tuple[Budget, datetime]]:
    """The budgets of this moment, each with the time from which it counts.

    Under guard there is a smaller one besides, for codes, which strangers ask for. It counts from the raising on: what
    was asked for before must not leave an owner without codes at that moment.
    """
    budget, day_ago = BUDGETS[purpose, channel], at - DAY
    yield budget, day_ago
    guard = raised_guards.find_up(session, now=at) if purpose is Purpose.CODE else None
    if guard:
        smaller = Budget(contact=part_of(budget.contact), account=part_of(budget.account))
        yield smaller, max(day_ago, guard.since - timedelta.resolution)


def take_turn(session: Session, account_id: str, contacts: Iterable[str]) -> None:
    """Lock an account and contacts until this transaction ends (SQLite has one writer anyway).

    The account comes first: a transaction that has locked it, and one that is about to, must not wait for each other.
    """
    if session.get_bind().dialect.name != "postgresql":
        return
    query = select(Account.account_id).where(Account.account_id == account_id)
    session.exec(query.with_for_update(key_share=True)).first()
    caps.take_turn(session, contacts)


def _latest(
    session: Session,
    purpose: Purpose,
    channel: Channel,
    whose: ColumnElement[bool],
    *,
    since: datetime,
    limit: int,
) -> list[datetime]:
    """When the latest messages were queued, newest first; what was never sent does not count."""
    query = select(Message.created_at).where(
        whose,
        Message.purpose == purpose,
        Message.channel == channel,
        Message.created_at > since,
        col(Message.state).not_in(_UNSENT),
    )
    return list(session.exec(query.order_by(col(Message.created_at).desc()).limit(limit)))
