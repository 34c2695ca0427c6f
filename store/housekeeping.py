"""Deletes sessions, browsers, codes, links, counts and more after their end, and forgets names that are old enough."""

from datetime import datetime, timedelta

from sqlalchemy import Delete, Update, and_, or_
from sqlmodel import Session, col, delete, select

from domain.host import words
from domain.prompts import ANSWERABLE_FOR
from domain.rights.retention import Retention
from domain.safety.guessing import REMEMBERED_FOR
from store.engine import heartbeats
from store.engine.throttles import ThrottleCount
from store.host import webhook_upkeep
from store.host.answered_requests import AnsweredRequest
from store.host.events import StoredHostEvent
from store.host.prompt_answers import TakenAnswer
from store.host.sign_ons import SignOn
from store.host.spent_statements import SpentStatement
from store.people import authenticator_apps
from store.people.challenges import Challenge
from store.people.first_answers import FirstAnswer
from store.people.guesses import GuessCount
from store.people.known_browsers import KnownBrowser
from store.people.links import Link
from store.people.one_time_codes import OneTimeCode
from store.people.sessions import WebSession
from store.rights import aging, old_sessions, removal
from store.staff.staff import StaffInvitation
from store.staff.staff_sessions import StaffChallenge, StaffSession

KEPT_FOR = timedelta(days=1)
"""How long an expired row stays, so that a late answer still learns why it is refused."""

STAFF_KEPT_FOR = timedelta(days=90)
"""How long an expired session of a member stays, so that the console can show when the member was last there."""

_RETENTION = Retention()

BATCH = 500
"""How many sessions of people, and of staff, are deleted at once."""


def clear(session: Session, *, now: datetime, retention: Retention = _RETENTION) -> int:
    """Delete or empty expired rows, but at most a batch of those that can be very many; returns how many.

    The journal is kept.
    """
    forgotten = aging.forget_recipients(session, retention, now=now)
    forgotten += aging.forget_addresses(session, retention, now=now)
    forgotten += aging.forget_attempts(session, retention, now=now)
    forgotten += authenticator_apps.forget_secrets(session, now=now)
    return _expired(session, now=now, retention=retention) + forgotten + removal.finish_some(session, at=now)


def _expired(session: Session, *, now: datetime, retention: Retention) -> int:
    deadline = now - KEPT_FOR
    session_ids = old_sessions.over(session, retention, now=now, limit=BATCH)
    staff_session_ids = _staff_sessions_to_clear(session, now=now)
    return sum(
        _rows(session, statement)
        for statement in (
            delete(Challenge).where(col(Challenge.expires_at) < deadline),
            delete(OneTimeCode).where(col(OneTimeCode.expires_at) < deadline),
            delete(FirstAnswer).where(
                col(FirstAnswer.expires_at) < now
            ),  # these hold tokens, so they go at once
            delete(Link).where(col(Link.expires_at) < deadline),
            delete(KnownBrowser).where(col(KnownBrowser.expires_at) < deadline),
            delete(AnsweredRequest).where(col(AnsweredRequest.began_at) < deadline),
            delete(StoredHostEvent).where(col(StoredHostEvent.taken_at) < now - words.KEPT_FOR),
            delete(TakenAnswer).where(col(TakenAnswer.asked_at) < deadline - ANSWERABLE_FOR),
            webhook_upkeep.cleared(now=now),
            webhook_upkeep.forgotten(now=now),
            delete(SignOn).where(col(SignOn.expires_at) < deadline),
            delete(SpentStatement).where(col(SpentStatement.expires_at) < deadline),
            delete(GuessCount).where(col(GuessCount.last_at) < now - REMEMBERED_FOR),
            delete(ThrottleCount).where(col(ThrottleCount.window_began_at) < deadline),
            heartbeats.cleared(now=now),
            delete(Challenge).where(col(Challenge.session_id).in_(session_ids)),
            delete(OneTimeCode).where(col(OneTimeCode.session_id).in_(session_ids)),
            delete(WebSession).where(col(WebSession.session_id).in_(session_ids)),
            delete(StaffInvitation).where(col(StaffInvitation.expires_at) < deadline),
            delete(StaffChallenge).where(col(StaffChallenge.expires_at) < deadline),
            delete(StaffChallenge).where(col(StaffChallenge.session_id).in_(staff_session_ids)),
            delete(StaffSession).where(col(StaffSession.session_id).in_(staff_session_ids)),
        )
    )


def _staff_sessions_to_clear(session: Session, *, now: datetime) -> list[str]:
    expires_at = col(StaffSession.expires_at)
    without_member = and_(col(StaffSession.staff_id).is_(None), expires_at < now - KEPT_FOR)
    query = select(StaffSession.session_id).where(or_(without_member, expires_at < now - STAFF_KEPT_FOR))
    return list(session.exec(query.limit(BATCH)).all())


def _rows(session: Session, statement: Delete | Update) -> int:
    return int(session.execute(statement).rowcount)  # type: ignore[attr-defined]
