"""Challenges of passkey ceremonies, of people and of staff: one for each session and ceremony, good for one answer."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlmodel import Session, col, delete

from domain.codes import CHALLENGE_LIFETIME
from domain.errors import CeremonyRejected


def issue(
    session: Session, table: Any, session_id: str, ceremony: StrEnum, challenge: bytes, *, now: datetime
) -> None:
    """Keep a challenge in `table`; an earlier challenge of the same session and ceremony is void."""
    _drop(session, table, session_id, ceremony)
    expires_at = now + CHALLENGE_LIFETIME
    session.add(table(session_id=session_id, ceremony=ceremony, challenge=challenge, expires_at=expires_at))
    session.flush()


def take(session: Session, table: Any, session_id: str, ceremony: StrEnum, *, now: datetime) -> bytes:
    """The challenge that is to be answered, used up by this call. Raises CeremonyRejected."""
    dropped = _drop(session, table, session_id, ceremony)
    if dropped is None or dropped[1] <= now:
        raise CeremonyRejected("challenge_expired" if dropped else "challenge_unknown")
    return dropped[0]


def _drop(session: Session, table: Any, session_id: str, ceremony: StrEnum) -> tuple[bytes, datetime] | None:
    statement = (
        delete(table)
        .where(col(table.session_id) == session_id, col(table.ceremony) == ceremony)
        .returning(col(table.challenge), col(table.expires_at))
    )
    row = session.execute(statement).first()
    return (row[0], row[1]) if row else None
