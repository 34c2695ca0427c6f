"""Objections: which notice each is about, and how support settled it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import JSON, Column, Index, text
from sqlmodel import Field, Session, SQLModel, col, select
from uuid_utils.compat import uuid7

from domain.errors import LinkRejected, Unknown
from domain.messages.messages import Template
from domain.messages.samples import NOTICES
from domain.safety.objections import WINDOW, Outcome, can_be_objected_to
from store.engine.types import Instant
from store.messages import messages, notices
from store.messages.messages import Message


class Objection(SQLModel, table=True):
    """One objection to one notice; `outcome` is how support settled it.

    `passkey_id` is the passkey that the notice is about, if it was not removed yet. `session_id` is the disputed
    session, `effects` what the objection did to what hangs together with it, in the order in which it was done. At
    `due_at` the dispute ends by itself; `answered_at` is when a lowered passkey said "it was me".
    """

    __table_args__ = (
        Index("ix_objection_account", "account_id", "made_at"),
        Index(
            "ix_objection_open",
            "made_at",
            sqlite_where=text("settled_at IS NULL"),
            postgresql_where=text("settled_at IS NULL"),
        ),
    )

    objection_id: str = Field(primary_key=True, default_factory=lambda: str(uuid7()))
    account_id: str = Field(foreign_key="account.account_id")
    message_key: str = Field(unique=True)
    template: str
    made_at: datetime = Field(sa_type=Instant)
    passkey_id: str | None = Field(default=None, foreign_key="passkey.passkey_id")
    settled_at: datetime | None = Field(default=None, sa_type=Instant)
    session_id: str | None = None
    effects: list[dict[str, str]] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    due_at: datetime | None = Field(default=None, sa_type=Instant)
    answered_at: datetime | None = Field(default=None, sa_type=Instant)
    outcome: str | None = None
    settled_by: str | None = None
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class ToldChange:
    """A change that the owner was told of, by one or more channels, and the objection to it.

    `weaker` is an objection that this notice outgrows: it came by a contact that the disputed session may control, and
    was not upheld. Somebody who objects to their own change first must not use up the owner's objection.
    """

    notice: Message
    objection: Objection | None
    weaker: Objection | None = None


def look(session: Session, message_key: str) -> ToldChange:
    """The notice of a key, and the objection to its event. Raises LinkRejected."""
    notice = messages.find(session, message_key)
    if notice is None or notice.account_id is None or not can_be_objected_to(Template(notice.template)):
        raise LinkRejected("this message tells of nothing to object to")
    objection = of_account_by_event(session, notice.account_id).get(notices.same_event(message_key))
    if objection and _outgrows(session, notice, objection):
        return ToldChange(notice=notice, objection=None, weaker=objection)
    return ToldChange(notice=notice, objection=objection)


def _outgrows(session: Session, notice: Message, objection: Objection) -> bool:
    objected_notice = messages.find(session, objection.message_key)
    is_weak = objected_notice is not None and not objected_notice.vouches
    return notice.vouches and is_weak and objection.outcome != Outcome.UPHELD


def strengthen(session: Session, objection: Objection, message_key: str) -> None:
    """Let an open objection stand on another notice of the same change."""
    objection.message_key = message_key
    session.add(objection)
    session.flush()


def get(session: Session, objection_id: str) -> Objection:
    """One objection. Raises Unknown."""
    objection = session.get(Objection, objection_id)
    if objection is None:
        raise Unknown(f"no objection {objection_id}")
    return objection


def list_open(session: Session) -> Sequence[Objection]:
    """The objections that support has not settled, oldest first."""
    # Written out, because a parameter keeps SQLite from using the partial index.
    query = select(Objection).where(text("settled_at IS NULL"))
    return session.exec(query.order_by(col(Objection.made_at))).all()


def list_latest(session: Session, *, limit: int = 1000) -> Sequence[Objection]:
    """The latest objections, settled or not, oldest first."""
    query = select(Objection).order_by(col(Objection.made_at).desc()).limit(limit)
    return list(reversed(session.exec(query).all()))


def recent(session: Session, account_id: str, *, now: datetime) -> list[ToldChange]:
    """The changes that the owner can still object to, newest first; each with its e-mail, if there is one."""
    query = select(Message).where(
        col(Message.account_id) == account_id,
        # What a gathered message tells of is there by itself.
        col(Message.template).in_(NOTICES - {Template.SEVERAL_CHANGES}),
        col(Message.created_at) > now - WINDOW,
    )
    notices_by_event: dict[str, Message] = {}
    for notice in session.exec(query.order_by(col(Message.created_at).desc(), col(Message.channel))):
        notices_by_event.setdefault(notices.same_event(notice.key), notice)
    objections = of_account_by_event(session, account_id)
    return [
        ToldChange(notice=notice, objection=objections.get(event))
        for event, notice in notices_by_event.items()
    ]


def of_account(session: Session, account_id: str) -> Sequence[Objection]:
    """An account's objections, newest first."""
    query = select(Objection).where(Objection.account_id == account_id)
    return session.exec(query.order_by(col(Objection.made_at).desc())).all()


def of_account_by_event(session: Session, account_id: str) -> dict[str, Objection]:
    """An account's objections by the event that they are about; of several, the latest."""
    query = select(Objection).where(Objection.account_id == account_id).order_by(col(Objection.made_at))
    return {notices.same_event(objection.message_key): objection for objection in session.exec(query)}


def is_any_open(session: Session, account_id: str) -> bool:
    """Whether any of an account's objections is not settled yet."""
    return any(objection.settled_at is None for objection in of_account(session, account_id))


def is_any_since(session: Session, account_id: str, since: datetime) -> bool:
    """Whether the account's owner has objected to anything since an instant."""
    query = select(Objection.objection_id).where(
        Objection.account_id == account_id, col(Objection.made_at) > since
    )
    return session.exec(query.limit(1)).first() is not None


def add(session: Session, objection: Objection) -> None:
    """Keep a new objection."""
    session.add(objection)
    session.flush()


def note_answer(session: Session, objection: Objection, *, at: datetime) -> None:
    """Note that a lowered passkey has answered that it was its owner."""
    objection.answered_at = at
    session.add(objection)
    session.flush()


def overdue(session: Session, *, now: datetime, limit: int = 50) -> Sequence[str]:
    """The ids of open objections whose deadline has passed, the oldest first."""
    query = select(Objection.objection_id).where(text("settled_at IS NULL"), col(Objection.due_at) <= now)
    return session.exec(query.order_by(col(Objection.made_at)).limit(limit)).all()


def reread(session: Session, objection_id: str) -> Objection:
    """An objection as it is in the database now, even if the session has read it earlier."""
    return session.get_one(Objection, objection_id, populate_existing=True)


def close(
    session: Session, objection: Objection, outcome: Outcome, *, by: str, reason: str, at: datetime
) -> None:
    """Note how support has settled an objection."""
    objection.settled_at, objection.outcome, objection.settled_by = at, outcome, by
    objection.reason = reason
    session.add(objection)
    session.flush()
