"""Challenges of passkey ceremonies: bound to a session, short-lived, and good for one answer."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Column, LargeBinary
from sqlmodel import Field, Session, SQLModel, col, delete, select
from uuid_utils.compat import uuid7

from domain.codes import CHALLENGE_LIFETIME
from domain.errors import CeremonyRejected
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
    _drop(session, session_id, ceremony)
    _forget_expired(session, now=now)
    session.add(
        Challenge(
            session_id=session_id,
            ceremony=ceremony,
            challenge=challenge,
            expires_at=now + CHALLENGE_LIFETIME,
        )
    )
    session.flush()


def asked_at(session: Session, session_id: str, ceremony: Ceremony) -> datetime | None:
    """When the challenge that waits for an answer was asked for."""
    query = select(Challenge.expires_at).where(
        Challenge.session_id == session_id, Challenge.ceremony == ceremony
    )
    expires_at = session.exec(query).first()
    return expires_at - CHALLENGE_LIFETIME if expires_at else None


def take(session: Session, session_id: str, ceremony: Ceremony, *, now: datetime) -> bytes:
    """The challenge that is to be answered, used up by this call. Raises CeremonyRejected."""
    gone = _drop(session, session_id, ceremony)
    if gone is None or gone[1] <= now:
        raise CeremonyRejected("challenge_expired" if gone else "challenge_unknown")
    return gone[0]


def _forget_expired(session: Session, *, now: datetime) -> None:
    # Two requests that tidy up at once must not wait for each other's rows.
    expired = (
        select(Challenge.challenge_id).where(Challenge.expires_at < now).with_for_update(skip_locked=True)
    )
    session.execute(delete(Challenge).where(col(Challenge.challenge_id).in_(expired)))


def _drop(session: Session, session_id: str, ceremony: Ceremony) -> tuple[bytes, datetime] | None:
    statement = (
        delete(Challenge)
        .where(col(Challenge.session_id) == session_id, col(Challenge.ceremony) == ceremony)
        .returning(col(Challenge.challenge), col(Challenge.expires_at))
    )
    row = session.execute(statement).first()
    return (row[0], row[1]) if row else None
