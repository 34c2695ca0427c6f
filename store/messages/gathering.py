"""Gathers the notices beyond a budget: each stays a row of its own, and one message to its contact tells of all.

What becomes of the gathered message becomes of its parts: a notice that went out in it has gone out, and one that was
lost with it has reached nobody.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlmodel import Session, col, func, select

from domain.codes import new_short_code
from domain.facts import Channel
from domain.messages.budgets import DAY, gathered_until
from domain.messages.messages import MessageState, Template
from domain.safety.contact_keys import contact_key
from store.messages import inserts, text_counts
from store.messages.message_rows import LOST, Message, NewMessage
from store.people.accounts import Account

GATHERING = "gathering"
"""What a gathered message waits for: more changes to tell of."""


def hold(session: Session, notice: NewMessage, *, at: datetime) -> bool:
    """Keep a notice for the next gathered message to its contact; False if a message with its key exists already.

    The caller has the contact's turn.
    """
    gathered = _waiting(session, notice) or _begin(session, notice, at=at)
    return inserts.insert_row(session, notice, at=at, state=MessageState.GATHERED, gathered_in=gathered)


def parts(session: Session, key: str) -> Sequence[Message]:
    """The notices that a gathered message tells of, oldest first."""
    query = select(Message).where(col(Message.gathered_in) == key)
    return session.exec(query.order_by(col(Message.created_at), col(Message.key))).all()


def pass_on(session: Session, gathered: Message) -> list[Message]:
    """Give a gathered message's end to its parts; returns the parts that have just turned out to be missed."""
    if gathered.template != Template.SEVERAL_CHANGES:
        return []
    newly_missed = []
    for part in parts(session, gathered.key):
        was_missed = part.is_missed
        part.state = gathered.state if gathered.state in LOST else MessageState.GATHERED
        part.settled_at, part.reason = gathered.settled_at, gathered.reason
        part.recipient, part.recipient_key = gathered.recipient, gathered.recipient_key
        part.fate, part.fate_at = gathered.fate, gathered.fate_at
        session.add(part)
        newly_missed += [part] if part.is_missed and not was_missed else []
    session.flush()
    return newly_missed


def _waiting(session: Session, notice: NewMessage) -> str | None:
    """The key of the gathered message that waits for its time; its row stays locked, so that nobody claims it now."""
    query = select(Message).where(
        Message.account_id == notice.account_id,
        Message.recipient_key == contact_key(notice.recipient),
        Message.channel == notice.channel,
        Message.template == Template.SEVERAL_CHANGES,
        Message.state == MessageState.QUEUED,
    )
    latest = query.order_by(col(Message.created_at).desc()).limit(1).with_for_update()
    waiting = session.exec(latest.execution_options(populate_existing=True)).first()
    return waiting.key if waiting else None


def _begin(session: Session, notice: NewMessage, *, at: datetime) -> str:
    """Queue a gathered message for when its time has come; returns its key.

    It is never refused; but a text message to a country whose ceiling is reached waits for the next day.
    """
    not_before = gathered_until(notice.channel, at, gathered_before=_gathered_before(session, notice, at=at))
    if notice.channel is Channel.SMS:
        not_before = max(not_before, text_counts.full_until(session, notice.recipient, at=at) or at)
    account_id = notice.account_id or ""
    key = f"{account_id}:{Template.SEVERAL_CHANGES}:{notice.key.removeprefix(f'{account_id}:')}"
    values = {"time_zone": _time_zone(session, account_id)}
    gathered = replace(
        notice,
        key=key,
        template=Template.SEVERAL_CHANGES,
        values=values,
        by_session=None,
        by_assurance=None,
        vouches=False,
        short_code=new_short_code() if notice.channel is Channel.SMS else None,
    )
    inserts.insert_row(session, gathered, at=at, not_before=not_before, waits_for=GATHERING)
    return key


def _gathered_before(session: Session, notice: NewMessage, *, at: datetime) -> int:
    query = select(func.count()).where(
        Message.account_id == notice.account_id,
        Message.recipient_key == contact_key(notice.recipient),
        Message.template == Template.SEVERAL_CHANGES,
        Message.created_at > at - DAY,
    )
    return session.exec(query).one()


def _time_zone(session: Session, account_id: str) -> str:
    account = session.get(Account, account_id)
    return (account and (account.time_zone or account.phone_zone)) or "UTC"
