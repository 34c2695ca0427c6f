"""Drops the messages of an account that is deleted or erased, and forgets where they went and what they said."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, delete, select, update

from domain.messages.messages import MessageState
from store.messages import messages
from store.messages.contact_faults import ContactFault
from store.messages.messages import Message

WITHOUT_PERSON: Mapping[str, Any] = {
    "recipient": "",
    "recipient_key": "",
    "values": {},
    "short_code": None,
    "sealed": None,
    "provider_id": None,
}
"""What a message holds that does not say any more where it went, what it said, and what the provider calls it."""

_ACCOUNT_DELETED = "account_deleted"


def forget_messages(session: Session, account_id: str, *, at: datetime) -> None:
    """Drop what waits to be sent, and blank every message. One that is being sent right now can go out."""
    waiting = select(Message).where(
        Message.account_id == account_id, col(Message.state).in_([MessageState.QUEUED, MessageState.HANDED])
    )
    for message in session.exec(waiting.order_by(Message.key)).all():
        messages.settle(session, message, MessageState.SKIPPED, at=at, reason=_ACCOUNT_DELETED)
    session.execute(update(Message).where(col(Message.account_id) == account_id).values(**WITHOUT_PERSON))
    session.execute(delete(ContactFault).where(col(ContactFault.account_id) == account_id))
