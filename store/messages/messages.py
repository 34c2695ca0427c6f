"""Messages: each begins as a row with a unique key. Its sender claims the row, so it is handed over only once."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, Column, Index, LargeBinary, text
from sqlmodel import Field, Session, SQLModel, col, select, update

from domain.counting import milliseconds
from domain.facts import Channel, Milestone, SmsState
from domain.journal import Actor, EventKind
from domain.journal_details import MessageDetail
from domain.messages.messages import (
    CONTACT_FAULTS,
    SEND_TIMEOUT,
    Fate,
    MessageState,
    Purpose,
    Queue,
    Template,
    queue_for,
)
from domain.tracing import TRACEPARENT
from store.engine.database import wake_relay
from store.engine.types import Instant
from store.engine.upserts import insert
from store.messages import establishing
from store.people import journal
from store.people.accounts import Account


class Message(SQLModel, table=True):
    """One message by one channel, to a person or to an operator, who has no account.

    `sealed` holds its code or link until it is handed over. `cohort_id` is the cohort in whose turn a nudge goes; it
    is empty for all other messages. `not_before` and `waits_for` say until when it waits, and for what; `fate` is what
    the provider reported later. Of a notice, `by_session` and `by_assurance` say which session made the change, and
    `vouches` that the contact can tell the owner of it; a text has a `short_code` by which its reader can object.
    """

    __table_args__ = (
        Index(
            "ix_message_queued",
            "purpose",
            "created_at",
            sqlite_where=text("state = 'queued'"),
            postgresql_where=text("state = 'queued'"),
        ),
        Index(
            "ix_message_nudged",
            "recipient",
            "created_at",
            sqlite_where=text("purpose = 'nudge'"),
            postgresql_where=text("purpose = 'nudge'"),
        ),
        # In the relay's order: the nudges of each cohort by the time from which they may go.
        Index(
            "ix_message_nudges_queued",
            "channel",
            "cohort_id",
            text("coalesce(not_before, created_at)"),
            sqlite_where=text("state = 'queued' AND purpose = 'nudge'"),
            postgresql_where=text("state = 'queued' AND purpose = 'nudge'"),
        ),
        Index(
            "ix_message_under_way",
            "state",
            "purpose",
            "channel",
            sqlite_where=text("state IN ('handed', 'sending')"),
            postgresql_where=text("state IN ('handed', 'sending')"),
        ),
        Index("ix_message_account", "account_id", "created_at"),
        Index(
            "ix_message_short_code",
            "short_code",
            unique=True,
            sqlite_where=text("short_code IS NOT NULL"),
            postgresql_where=text("short_code IS NOT NULL"),
        ),
    )

    key: str = Field(primary_key=True)
    account_id: str | None = Field(default=None, foreign_key="account.account_id")
    purpose: str
    template: str
    channel: str
    recipient: str
    locale: str
    values: dict[str, str] = Field(default_factory=dict, sa_column=Column("values_", JSON, nullable=False))
    sealed: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    milestone: str | None = None
    cohort_id: str = ""
    state: str = MessageState.QUEUED
    created_at: datetime = Field(sa_type=Instant)
    expires_at: datetime | None = Field(default=None, sa_type=Instant)
    handed_at: datetime | None = Field(default=None, sa_type=Instant)
    claimed_at: datetime | None = Field(default=None, sa_type=Instant)
    settled_at: datetime | None = Field(default=None, sa_type=Instant)
    provider_id: str | None = None
    reason: str | None = None
    not_before: datetime | None = Field(default=None, sa_type=Instant)
    waits_for: str | None = None
    fate: str | None = None
    fate_at: datetime | None = Field(default=None, sa_type=Instant)
    traceparent: str | None = None
    by_session: str | None = None
    by_assurance: str | None = None
    vouches: bool = False
    short_code: str | None = None

    @property
    def queue(self) -> Queue:
        """The task queue that the message goes through."""
        return queue_for(Purpose(self.purpose), Channel(self.channel))

    @property
    def is_missed(self) -> bool:
        """Whether the message did not reach the person, or nobody knows whether it did."""
        return self.state in _LOST or self.fate in CONTACT_FAULTS


@dataclass(frozen=True, kw_only=True)
class NewMessage:
    """A message to queue: its words, its recipient, and its purpose."""

    key: str
    account_id: str | None
    purpose: Purpose
    template: Template
    channel: Channel
    recipient: str
    locale: str
    values: dict[str, str] = field(default_factory=dict)
    sealed: bytes | None = None
    milestone: Milestone | None = None
    cohort_id: str = ""
    expires_at: datetime | None = None
    by_session: str | None = None
    by_assurance: str | None = None
    vouches: bool = False
    short_code: str | None = None


class ClaimOutcome(StrEnum):
    """What became of an attempt to claim a message for sending."""

    GRANTED = "granted"
    SETTLED = "settled"
    TAKEN = "taken"
    LOST = "lost"


_LOST = (MessageState.FAILED, MessageState.SKIPPED, MessageState.UNKNOWN)
_SETTLED = (MessageState.SENT, MessageState.FAILED, MessageState.SKIPPED)

_OUTCOME_KIND = {
    MessageState.SENT: EventKind.MESSAGE_SENT,
    MessageState.FAILED: EventKind.MESSAGE_FAILED,
    MessageState.SKIPPED: EventKind.MESSAGE_SKIPPED,
    MessageState.UNKNOWN: EventKind.MESSAGE_UNKNOWN,
}


def add(session: Session, message: NewMessage, *, at: datetime) -> bool:
    """Queue a message; False if a message with this key exists already."""
    row = Message(**asdict(message), created_at=at, traceparent=TRACEPARENT.get()).model_dump()
    statement = insert(session, Message).values(row).on_conflict_do_nothing(index_elements=["key"])
    if session.execute(statement.returning(col(Message.key))).first() is None:
        return False
    wake_relay(session)
    return True


def find(session: Session, key: str) -> Message | None:
    """The message of a key."""
    return session.get(Message, key)


def by_short_code(session: Session, code: str) -> Message | None:
    """The notice of a short code, which was in a text message."""
    return session.exec(select(Message).where(Message.short_code == code)).first() if code else None


def of_account(session: Session, account_id: str, *, limit: int = 50) -> Sequence[Message]:
    """An account's latest messages, newest first."""
    query = select(Message).where(Message.account_id == account_id)
    return session.exec(query.order_by(col(Message.created_at).desc()).limit(limit)).all()


def claim(session: Session, key: str, *, now: datetime) -> tuple[ClaimOutcome, Message | None]:
    """Claim a message for one sender.

    GRANTED: the caller sends it. SETTLED: nothing is left to do. TAKEN: another sender is sending it right now.
    LOST: a sender died while sending it; it is now `unknown`, and will not be sent.
    """
    message = lock(session, key)
    if message is None or message.state not in (
        MessageState.QUEUED,
        MessageState.HANDED,
        MessageState.SENDING,
    ):
        return ClaimOutcome.SETTLED, message
    if message.state != MessageState.SENDING:
        message.state, message.claimed_at = MessageState.SENDING, now
        message.not_before = message.waits_for = None
        session.add(message)
        session.flush()
        return ClaimOutcome.GRANTED, message
    if message.claimed_at and message.claimed_at + SEND_TIMEOUT > now:
        return ClaimOutcome.TAKEN, message
    settle(session, message, MessageState.UNKNOWN, at=now, reason="sender_lost")
    return ClaimOutcome.LOST, message


def release(
    session: Session, message: Message, *, until: datetime | None = None, waits_for: str | None = None
) -> None:
    """Give a claim back: the provider has certainly not taken the message. It waits again, perhaps `until` a time."""
    current = lock(session, message.key)
    if current and current.state == MessageState.SENDING and current.claimed_at == message.claimed_at:
        current.state = MessageState.QUEUED
        current.not_before, current.waits_for = until, waits_for
        session.add(current)
        session.flush()


def settle(
    session: Session,
    message: Message,
    state: MessageState,
    *,
    at: datetime,
    reason: str | None = None,
    provider_id: str | None = None,
) -> None:
    """Record what became of a message, and forget the secret in it.

    `message` is the row as its sender claimed it. Nothing changes if another sender has claimed or settled the message
    since; but an `unknown` message may still be settled. A message whose provider has reported a fate counts as `sent`,
    not as `unknown`.
    """
    current = lock(session, message.key)
    if current and current.fate and state is MessageState.UNKNOWN:
        state, reason = MessageState.SENT, None
    if current is None or current.claimed_at != message.claimed_at or current.state in (*_SETTLED, state):
        return
    was_missed = current.is_missed
    current.state, current.settled_at, current.reason = state, at, reason
    current.provider_id = provider_id
    _forget_secrets(session, current)
    session.add(current)
    session.flush()
    if current.account_id is None:
        return
    _append_settled(session, current, current.account_id, state, reason=reason, at=at)
    establishing.follow(session, current, at=at)
    if not was_missed:
        tell_if_notice_missed(session, current, at=at)


def _forget_secrets(session: Session, message: Message) -> None:
    """Forget the code or link in a message, and its phone number if the account no longer has a phone."""
    message.sealed = None
    account = session.get(Account, message.account_id) if message.account_id else None
    if message.channel == Channel.SMS and account and account.phone is None:
        message.recipient = ""


def _append_settled(
    session: Session,
    message: Message,
    account_id: str,
    state: MessageState,
    *,
    reason: str | None,
    at: datetime,
) -> None:
    detail = MessageDetail(
        key=message.key,
        template=message.template,
        channel=message.channel,
        purpose=message.purpose,
        reason=reason,
        milliseconds=milliseconds(since=message.created_at, until=at),
    )
    journal.append(session, account_id, _OUTCOME_KIND[state], detail, at=at, actor=Actor.SYSTEM)


def tell_if_notice_missed(session: Session, message: Message, *, at: datetime) -> None:
    """Write to the journal when the notice of the end of SMS has arrived by no channel: its days must not run.

    `message` is the message that has just turned out to be missed, so the entry is written once.
    """
    account = session.get(Account, message.account_id) if message.account_id else None
    if message.template != Template.SMS_NOTICE or account is None or account.sms != SmsState.NOTICE:
        return
    query = select(Message).where(
        col(Message.account_id) == account.account_id,
        col(Message.template) == Template.SMS_NOTICE,
        col(Message.created_at) >= account.sms_since,
    )
    sent_notices = session.exec(query).all()
    if message in sent_notices and all(notice.is_missed for notice in sent_notices):
        kind = EventKind.NOTICE_MISSED
        journal.append(session, account.account_id, kind, at=at, actor=Actor.SYSTEM)


def forget_phone(session: Session, account_id: str) -> None:
    """Forget the phone number in an account's settled text messages; messages under way still need it."""
    texts = update(Message).where(
        col(Message.account_id) == account_id,
        col(Message.channel) == Channel.SMS,
        col(Message.settled_at).is_not(None),
    )
    session.execute(texts.values(recipient=""))


def arrived_after(session: Session, message: Message, *, at: datetime) -> bool:
    """Whether another message of the account arrived at the same contact after `at`."""
    query = select(Message.key).where(
        col(Message.account_id) == message.account_id,
        col(Message.channel) == message.channel,
        col(Message.recipient) == message.recipient,
        col(Message.fate) == Fate.DELIVERED,
        col(Message.fate_at) > at,
    )
    return session.exec(query.limit(1)).first() is not None


def lock(session: Session, key: str) -> Message | None:
    """The message as it is now, its row locked until the transaction ends; None if there is none of this key."""
    return session.get(Message, key, with_for_update=True, populate_existing=True)
