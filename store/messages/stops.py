"""What people answer to texts: STOP closes the number for everything that its sender texts, START opens it again."""

from sqlalchemy import ColumnElement
from sqlmodel import Session, and_, col, exists, select

from domain.facts import Channel
from domain.journal import Actor, EventKind
from domain.messages.callbacks import TextReply, TextWish
from domain.messages.messages import Fate
from store.messages import contact_faults
from store.messages.contact_faults import ContactFault
from store.people import accounts, journal
from store.people.accounts import Account

BY_ANSWER = "answered_stop"
"""The reason of what somebody has answered by text."""


def note(session: Session, reply: TextReply) -> int:
    """Do as a person has answered, for every account with the number; returns how many accounts that changed."""
    query = select(Account.account_id).where(Account.phone == reply.phone).order_by(Account.account_id)
    account_ids = session.exec(query).all()
    act = _stop if reply.wish is TextWish.STOP else _start
    return sum(act(session, account_id, reply) for account_id in account_ids)


def is_stopped() -> ColumnElement[bool]:
    """Whether no text reaches the account of a row, because its owner has answered STOP."""
    return exists().where(is_stop())


def is_stop() -> ColumnElement[bool]:
    """Whether a fault is the STOP of the number that the account of a row has now."""
    return and_(
        col(ContactFault.account_id) == col(Account.account_id),
        col(ContactFault.channel) == Channel.SMS,
        col(ContactFault.contact) == col(Account.phone),
        col(ContactFault.fate) == Fate.STOPPED,
    )


def _stop(session: Session, account_id: str, reply: TextReply) -> bool:
    account = accounts.lock(session, account_id)
    if account.phone != reply.phone:
        return False
    fate = Fate.STOPPED if reply.closes_codes else Fate.UNSUBSCRIBED
    is_new = contact_faults.note(
        session, account_id, Channel.SMS, contact=reply.phone, fate=fate, reason=BY_ANSWER, at=reply.at
    )
    if is_new:
        kind = EventKind.TEXTS_STOPPED if reply.closes_codes else EventKind.REMINDERS_STOPPED
        detail = {} if reply.closes_codes else {"channel": Channel.SMS, "by": BY_ANSWER}
        journal.append(session, account_id, kind, at=reply.at, actor=Actor.PERSON, **detail)
    return is_new


def _start(session: Session, account_id: str, reply: TextReply) -> bool:
    """Open a number that was closed. Whatever else is wrong with it stays."""
    accounts.lock(session, account_id)
    fault = session.get(ContactFault, (account_id, Channel.SMS))
    if fault is None or fault.contact != reply.phone or fault.since > reply.at or not _is_of_answer(fault):
        return False
    session.delete(fault)
    session.flush()
    kind = EventKind.CONTACT_WORKS_AGAIN
    journal.append(session, account_id, kind, at=reply.at, actor=Actor.PERSON, channel=Channel.SMS)
    return True


def _is_of_answer(fault: ContactFault) -> bool:
    return fault.fate == Fate.STOPPED or (fault.fate == Fate.UNSUBSCRIBED and fault.reason in _ANSWERS)


_ANSWERS = (BY_ANSWER, "twilio_21610")
