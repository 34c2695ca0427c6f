"""What happened at the door, kept until the relay writes it up.

A request that may concern nobody writes one note, whether or not an account has the contact. What differs (a message,
an entry of the journal, the account's lock) is done later, so the time of the answer does not tell who exists.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Integer, LargeBinary, func
from sqlmodel import Field, Session, SQLModel, col, select

from domain.facts import Channel, Method
from domain.tracing import TRACEPARENT
from store.engine.database import wake_relay
from store.engine.types import Instant


class DoorNoteKind(StrEnum):
    """What has to be written up."""

    CODE_ASKED = "code_asked"
    SIGN_IN_FAILED = "sign_in_failed"
    LINK_ASKED = "link_asked"
    PROOF_ASKED = "proof_asked"


class DoorNote(SQLModel, table=True):
    """One note. `account_id` is empty where no account has the contact, and `sealed` holds what a message is to say.

    There is no foreign key: the database would check one for somebody, and none for nobody.
    """

    __tablename__ = "door_note"

    note_id: int | None = Field(
        default=None, sa_column=Column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    )
    kind: str
    account_id: str = ""
    detail: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    sealed: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    at: datetime = Field(sa_type=Instant)
    traceparent: str | None = None


def code_asked(session: Session, account_id: str, *, code_id: str, sealed: bytes, at: datetime) -> None:
    """Note that a code was asked for; `account_id` is empty for nobody, and `sealed` holds the code."""
    _add(session, DoorNoteKind.CODE_ASKED, account_id, {"code_id": code_id}, at=at, sealed=sealed)


def sign_in_failed(session: Session, account_id: str, method: Method, *, reason: str, at: datetime) -> None:
    """Note that an attempt failed; `account_id` is empty for nobody."""
    _add(session, DoorNoteKind.SIGN_IN_FAILED, account_id, {"method": method, "reason": reason}, at=at)


def link_asked(session: Session, account_id: str, *, link_id: str, sealed: bytes, at: datetime) -> None:
    """Note that a link by e-mail was asked for; `account_id` is empty for nobody, and `sealed` holds the link."""
    _add(session, DoorNoteKind.LINK_ASKED, account_id, {"link_id": link_id}, at=at, sealed=sealed)


def proof_asked(
    session: Session, account_id: str, *, channel: Channel, code_id: str, sealed: bytes, at: datetime
) -> None:
    """Note that a code was asked for to prove a contact; `account_id` is empty for nobody."""
    detail = {"code_id": code_id, "channel": channel}
    _add(session, DoorNoteKind.PROOF_ASKED, account_id, detail, at=at, sealed=sealed)


def is_any(session: Session) -> bool:
    """Whether any note waits."""
    return session.exec(select(DoorNote.note_id).limit(1)).first() is not None


def oldest(session: Session) -> datetime | None:
    """Since when the note that waits longest waits."""
    return session.exec(select(func.min(DoorNote.at))).one()


def take(session: Session) -> DoorNote | None:
    """The oldest note that no other relay has taken; it is gone when this transaction commits."""
    query = select(DoorNote).order_by(col(DoorNote.note_id)).limit(1).with_for_update(skip_locked=True)
    note = session.exec(query).first()
    if note is not None:
        session.delete(note)
        session.flush()
    return note


def _add(
    session: Session,
    kind: DoorNoteKind,
    account_id: str,
    detail: dict[str, Any],
    *,
    at: datetime,
    sealed: bytes | None = None,
) -> None:
    note = DoorNote(
        kind=kind,
        account_id=account_id,
        detail=detail,
        sealed=sealed,
        at=at,
        traceparent=TRACEPARENT.get(),
    )
    session.add(note)
    session.flush()
    wake_relay(session)
