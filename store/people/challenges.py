"""Challenges of passkey ceremonies: bound to a session, short-lived, and good for one answer."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Column, LargeBinary
from sqlmodel import Field, Session, SQLModel, col, delete, select
from uuid_utils.compat import uuid7

from domain.codes import CHALLENGE_LIFETIME
from store.engine import challenge_rows
from store.engine.types import Instant


class Ceremony(StrEnum):
    """What a challenge may be answered with."""

    REGISTRATION = "registration"
    AUTHENTICATION = "authentication"


class Challenge(SQLModel, table=True):
    """One unanswered challenge."""

    challenge_id: str = Field(primary_key=True, default_factory=lambda: str(uuid7()))
    session_id: str = Field(foreign_key="session.session_id", index=True)
    ceremony: str
    challenge: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    expires_at: datetime = Field(sa_type=Instant, index=True)


def issue(session: Session, session_id: str, ceremony: Ceremony, challenge: bytes, *, now: datetime) -> None:
    """Keep a challenge; an earlier one of the same session and ceremony is void."""
    _forget_expired(session, now=now)
    challenge_rows.issue(session, Challenge, session_id, ceremony, challenge, now=now)


def asked_at(session: Session, session_id: str, ceremony: Ceremony) -> datetime | None:
    """When the challenge that waits for an answer was asked for."""
    query = select(Challenge.expires_at).where(
        Challenge.session_id == session_id, Challenge.ceremony == ceremony
    )
    expires_at = session.exec(query).first()
    return expires_at - CHALLENGE_LIFETIME if expires_at else None


def take(session: Session, session_id: str, ceremony: Ceremony, *, now: datetime) -> bytes:
    """The challenge that is to be answered, used up by this call. Raises CeremonyRejected."""
    return challenge_rows.take(session, Challenge, session_id, ceremony, now=now)


def _forget_expired(session: Session, *, now: datetime) -> None:
    # Two requests that delete expired rows at once must not wait for each other's rows.
    expired = (
        select(Challenge.challenge_id).where(Challenge.expires_at < now).with_for_update(skip_locked=True)
    )
    session.execute(delete(Challenge).where(col(Challenge.challenge_id).in_(expired)))
