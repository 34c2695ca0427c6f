"""Writes the row of a new message, once for each key."""

from dataclasses import asdict
from datetime import datetime

from sqlmodel import Session, col

from domain.facts import Channel
from domain.messages.messages import MessageState
from domain.safety.contact_keys import contact_key
from domain.tracing import TRACEPARENT
from store.engine.database import wake_relay
from store.engine.upserts import insert
from store.messages import text_counts
from store.messages.message_rows import Message, NewMessage


def insert_row(
    session: Session,
    message: NewMessage,
    *,
    at: datetime,
    state: MessageState = MessageState.QUEUED,
    not_before: datetime | None = None,
    waits_for: str | None = None,
    gathered_in: str | None = None,
) -> bool:
    """Write a message's row; False if there is one of its key already. A text message to be sent is counted."""
    message_row = Message(
        **asdict(message),
        recipient_key=contact_key(message.recipient),
        created_at=at,
        traceparent=TRACEPARENT.get(),
        state=state,
        not_before=not_before,
        waits_for=waits_for,
        gathered_in=gathered_in,
    )
    statement = insert(session, Message).values(message_row.model_dump())
    new_rows = statement.on_conflict_do_nothing(index_elements=["key"]).returning(col(Message.key))
    if session.execute(new_rows).first() is None:
        return False
    if state is MessageState.QUEUED:
        wake_relay(session)
        if message.channel is Channel.SMS:
            text_counts.count(session, message.recipient, at=not_before or at)
    return True
