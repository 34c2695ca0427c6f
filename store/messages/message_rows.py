"""The rows of messages, and what becomes a row."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import JSON, BigInteger, Column, Index, LargeBinary, text
from sqlmodel import Field, SQLModel

from domain.facts import Channel, Milestone
from domain.messages.messages import (
    NOT_ARRIVED,
    MessageState,
    Purpose,
    Queue,
    Template,
    queue_for,
)
from domain.messages.sent_names import named
from store.engine.types import Instant

LOST = (MessageState.FAILED, MessageState.SKIPPED, MessageState.UNKNOWN)
"""The states of messages that did not reach the person, as far as anybody knows."""


class Message(SQLModel, table=True):
    """One message by one channel, to a person or to an operator, who has no account.

    `sealed` holds its code or link until it is handed over. `cohort_id` is the cohort in whose turn a nudge goes; it
    is empty for all other messages. What one contact got is counted by `recipient_key`. `not_before` and `waits_for`
    say until when it waits, and for what; `fate` is what the provider reported later. `gathered_in` is the key of
    the gathered message that a gathered notice is a part of. `epoch` is the database's at its last claim. Since
    `handed_at` Temporal has it, and was given it again at `handed_again_at`. Of a notice, `by_session` and
    `by_assurance` say which session made the change, and `vouches` that the contact can tell the owner of it; a text
    has a `short_code` by which its reader can object.
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
            "ix_message_named",
            "settled_at",
            sqlite_where=text("recipient <> '' OR values_ <> '{}'"),
            postgresql_where=text("recipient <> '' OR values_::text <> '{}'"),
        ),
        Index("ix_message_recipient_key", "recipient_key", "created_at"),
        Index(
            "ix_message_gathered_in",
            "gathered_in",
            sqlite_where=text("gathered_in IS NOT NULL"),
            postgresql_where=text("gathered_in IS NOT NULL"),
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
            "ix_message_sealed",
            "key",
            sqlite_where=text("sealed IS NOT NULL"),
            postgresql_where=text("sealed IS NOT NULL"),
        ),
        Index(
            "ix_message_provider_id",
            "provider_id",
            sqlite_where=text("provider_id IS NOT NULL"),
            postgresql_where=text("provider_id IS NOT NULL"),
        ),
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
    recipient_key: str = ""
    locale: str
    values: dict[str, str] = Field(default_factory=dict, sa_column=Column("values_", JSON, nullable=False))
    sealed: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    milestone: str | None = None
    cohort_id: str = ""
    state: str = MessageState.QUEUED
    created_at: datetime = Field(sa_type=Instant)
    expires_at: datetime | None = Field(default=None, sa_type=Instant)
    handed_at: datetime | None = Field(default=None, sa_type=Instant)
    handed_again_at: datetime | None = Field(default=None, sa_type=Instant)
    claimed_at: datetime | None = Field(default=None, sa_type=Instant)
    settled_at: datetime | None = Field(default=None, sa_type=Instant)
    provider_id: str | None = None
    reason: str | None = None
    not_before: datetime | None = Field(default=None, sa_type=Instant)
    waits_for: str | None = None
    fate: str | None = None
    fate_at: datetime | None = Field(default=None, sa_type=Instant)
    traceparent: str | None = None
    gathered_in: str | None = None
    by_session: str | None = None
    by_assurance: str | None = None
    vouches: bool = False
    short_code: str | None = None
    epoch: int = Field(default=0, sa_type=BigInteger)

    @property
    def sent_as(self) -> str:
        """The name under which its provider knows it, of a message that was claimed."""
        return named(self.key, self.epoch)

    @property
    def queue(self) -> Queue:
        """The task queue that the message goes through."""
        return queue_for(Purpose(self.purpose), Channel(self.channel))

    @property
    def is_missed(self) -> bool:
        """Whether the message did not reach the person, or nobody knows whether it did."""
        return self.state in LOST or self.fate in NOT_ARRIVED


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
