"""Clears away what has served its time: sessions, codes, links, challenges and counts that nothing can use any more."""

from datetime import datetime, timedelta

from sqlalchemy import Delete, and_, or_
from sqlmodel import Session, col, delete, select

from store.engine.throttles import ThrottleCount
from store.people.challenges import Challenge
from store.people.links import Link
from store.people.one_time_codes import OneTimeCode
from store.people.sessions import WebSession
from store.staff.staff import StaffInvitation
from store.staff.staff_sessions import StaffChallenge, StaffSession

KEPT_FOR = timedelta(days=1)
"""How long a thing stays after its end, so that a late answer still finds out why it is refused."""

STAFF_KEPT_FOR = timedelta(days=90)
"""How long it can be seen when a member was last at the console."""

BATCH = 500


def clear(session: Session, *, now: datetime) -> int:
    """Delete a batch of each kind; returns how many rows went. What happened stays in the journal."""
    before = now - KEPT_FOR
    codes, challenges = col(OneTimeCode.session_id), col(Challenge.session_id)
    over = select(WebSession.session_id).where(col(WebSession.expires_at) < before).limit(BATCH)
    session_ids = list(session.exec(over).all())
    at_console = _staff_sessions_to_clear(session, now=now)
    return sum(
        _rows(session, statement)
        for statement in (
            delete(Challenge).where(col(Challenge.expires_at) < before),
            delete(OneTimeCode).where(col(OneTimeCode.expires_at) < before),
            delete(Link).where(col(Link.expires_at) < before),
            delete(ThrottleCount).where(col(ThrottleCount.window_began_at) < before),
            delete(Challenge).where(challenges.in_(session_ids)),
            delete(OneTimeCode).where(codes.in_(session_ids)),
            delete(WebSession).where(col(WebSession.session_id).in_(session_ids)),
            delete(StaffInvitation).where(col(StaffInvitation.expires_at) < before),
            delete(StaffChallenge).where(col(StaffChallenge.expires_at) < before),
            delete(StaffChallenge).where(col(StaffChallenge.session_id).in_(at_console)),
            delete(StaffSession).where(col(StaffSession.session_id).in_(at_console)),
        )
    )


def _staff_sessions_to_clear(session: Session, *, now: datetime) -> list[str]:
    ended = col(StaffSession.expires_at)
    nobodys = and_(col(StaffSession.staff_id).is_(None), ended < now - KEPT_FOR)
    over = select(StaffSession.session_id).where(or_(nobodys, ended < now - STAFF_KEPT_FOR))
    return list(session.exec(over.limit(BATCH)).all())


def _rows(session: Session, statement: Delete) -> int:
    return int(session.execute(statement).rowcount)  # type: ignore[attr-defined]
