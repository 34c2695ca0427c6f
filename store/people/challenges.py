"""Challenges of passkey ceremonies: bound to a session, short-lived, and good for one answer."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Column, LargeBinary
from sqlmodel import Field, Session, SQLModel, col, delete, select, update
from uuid_utils.compat import uuid7

from store.engine import challenge_rows
from store.engine.types import Instant
from store.people.sessions import WebSession


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
    """Keep a challenge, and of the earlier ones of the same session and ceremony the newest few."""
    _forget_expired(session, now=now)
    challenge_rows.issue(session, Challenge, session_id, ceremony, challenge, now=now)


def take(
    session: Session, session_id: str, ceremony: Ceremony, challenge: bytes, *, now: datetime
) -> datetime:
    """Use up the challenge that an answer names; returns when it was asked for. Raises CeremonyRejected."""
    return challenge_rows.take(session, Challenge, session_id, ceremony, challenge, now=now)


def pass_on(session: Session, session_id: str, heir_id: str) -> None:
    """Let the session that takes another one's place in the same browser answer what the other one asked for."""
    waiting = update(Challenge).where(col(Challenge.session_id) == session_id)
    session.execute(waiting.values(session_id=heir_id))


def is_registering(session: Session, account_id: str, *, now: datetime) -> bool:
    """Whether a new passkey of the account may be under way in any of its sessions."""
    of_account = select(WebSession.session_id).where(WebSession.account_id == account_id)
    is_of_session = col(Challenge.session_id).in_(of_account)
    return challenge_rows.is_open(session, Challenge, is_of_session, Ceremony.REGISTRATION, now=now)


def _forget_expired(session: Session, *, now: datetime) -> None:
    # Two requests that delete expired rows at once must not wait for each other's rows.
    expired = (
        select(Challenge.challenge_id).where(Challenge.expires_at < now).with_for_update(skip_locked=True)
    )
    session.execute(delete(Challenge).where(col(Challenge.challenge_id).in_(expired)))
