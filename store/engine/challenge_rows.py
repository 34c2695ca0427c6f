"""Challenges of passkey ceremonies, of people and of staff: each is good for one answer.

A browser may have several tabs, and each asks for a challenge of its own, so a session has a handful of each ceremony.
An answer says itself which one it answers.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, delete, select

from domain.codes import CHALLENGE_LIFETIME, MOST_CHALLENGES
from domain.errors import CeremonyRejected


def issue(
    session: Session, table: Any, session_id: str, ceremony: StrEnum, challenge: bytes, *, now: datetime
) -> None:
    """Keep a challenge in `table`, and of the earlier ones of the same session and ceremony the newest few."""
    expires_at = now + CHALLENGE_LIFETIME
    session.add(table(session_id=session_id, ceremony=ceremony, challenge=challenge, expires_at=expires_at))
    session.flush()
    newest_first = col(table.expires_at).desc(), col(table.challenge_id).desc()
    # Two tabs that ask at once must not wait for each other's rows.
    surplus = (
        select(table.challenge_id)
        .where(col(table.session_id) == session_id, col(table.ceremony) == ceremony)
        .order_by(*newest_first)
        .offset(MOST_CHALLENGES)
        .with_for_update(skip_locked=True)
    )
    voided = session.exec(surplus).all()
    if voided:
        session.execute(delete(table).where(col(table.challenge_id).in_(voided)))


def is_open(
    session: Session, table: Any, is_of_session: ColumnElement[bool], ceremony: StrEnum, *, now: datetime
) -> bool:
    """Whether a challenge of such a session waits for its answer."""
    query = select(table.challenge_id).where(
        is_of_session, col(table.ceremony) == ceremony, col(table.expires_at) > now
    )
    return session.exec(query.limit(1)).first() is not None


def take(
    session: Session, table: Any, session_id: str, ceremony: StrEnum, challenge: bytes, *, now: datetime
) -> datetime:
    """Use up the challenge that an answer names; returns when it was asked for. Raises CeremonyRejected.

    The other challenges of the session wait on for their own answers.
    """
    is_answered = col(table.ceremony) == ceremony, col(table.challenge) == challenge
    statement = delete(table).where(col(table.session_id) == session_id, *is_answered)
    expires_at = session.execute(statement.returning(col(table.expires_at))).scalar()
    if expires_at is None or expires_at <= now:
        raise CeremonyRejected("challenge_expired" if expires_at else "challenge_unknown")
    asked_at: datetime = expires_at - CHALLENGE_LIFETIME
    return asked_at
