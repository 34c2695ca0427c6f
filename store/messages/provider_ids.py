"""Finds the message of a provider's report that does not name it: late bounces come without its name."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from domain.facts import Channel
from domain.messages.messages import MessageState
from domain.messages.sent_names import named
from domain.safety.contact_keys import contact_key
from store.messages.message_rows import Message

MAILED_WITHIN = timedelta(days=7)
"""A mail server may take days to give an e-mail back. What it says later than that is about no e-mail of ours."""


def name_of(session: Session, provider_ids: Collection[str]) -> str | None:
    """The name of the message that a provider has taken by one of some ids."""
    query = select(Message.key, Message.epoch).where(
        col(Message.provider_id).is_not(None), col(Message.provider_id).in_(provider_ids)
    )
    row = session.exec(query.limit(1)).first() if provider_ids else None
    return named(*row) if row else None


def latest_mailed_to(session: Session, address: str, *, at: datetime) -> str | None:
    """The name of the e-mail that went to an address last, as seen from a moment."""
    query = select(Message.key, Message.epoch).where(
        col(Message.recipient_key) == contact_key(address),
        col(Message.channel) == Channel.EMAIL,
        col(Message.state) == MessageState.SENT,
        col(Message.created_at) <= at,
        col(Message.created_at) > at - MAILED_WITHIN,
    )
    row = session.exec(query.order_by(col(Message.created_at).desc()).limit(1)).first()
    return named(*row) if row else None
