"""Deletes sessions, browsers, codes, links, counts, deliveries, invitations, signs of life and more after their end."""

from datetime import datetime, timedelta

from sqlalchemy import Delete, Update, and_, exists, or_
from sqlmodel import Session, col, delete, select

from domain.host import words
from domain.prompts import ANSWERABLE_FOR
from domain.safety.disputes import DISPUTE_LIFETIME
from domain.safety.guessing import REMEMBERED_FOR
from domain.safety.objections import WINDOW
from store.engine import heartbeats
from store.engine.throttles import ThrottleCount
from store.host import webhook_upkeep
from store.host.answered_requests import AnsweredRequest
from store.host.events import StoredHostEvent
from store.host.prompt_answers import TakenAnswer
from store.host.sign_ons import SignOn
from store.host.spent_statements import SpentStatement
from store.people.challenges import Challenge
from store.people.first_answers import FirstAnswer
from store.people.guesses import GuessCount
from store.people.known_browsers import KnownBrowser
from store.people.links import Link
from store.people.one_time_codes import OneTimeCode
from store.people.sessions import WebSession
from store.safety.objections import Objection
from store.staff.staff import StaffInvitation
from store.staff.staff_sessions import StaffChallenge, StaffSession

KEPT_FOR = timedelta(days=1)
"""How long an expired row stays, so that a late answer still learns why it is refused."""

EVIDENCE_KEPT_FOR = WINDOW + DISPUTE_LIFETIME
"""How long a session that has changed something stays, so that an objection finds all that hangs together with it."""

STAFF_KEPT_FOR = timedelta(days=90)
"""How long an expired session of a member stays, so that the console can show when the member was last there."""

BATCH = 500
"""How many sessions of people, and of staff, are deleted at once."""


def clear(session: Session, *, now: datetime) -> int:
    """Delete or empty expired rows, but at most a batch of sessions; returns how many. The journal is kept."""
    deadline = now - KEPT_FOR
    session_ids = _sessions_to_clear(session, now=now)
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


def _sessions_to_clear(session: Session, *, now: datetime) -> list[str]:
    """Sessions that have ended; not those that may still be disputed, or are."""
    changed_at = col(WebSession.changed_at)
    is_disputed = exists().where(
        col(Objection.session_id) == WebSession.session_id, col(Objection.settled_at).is_(None)
    )
    query = select(WebSession.session_id).where(
        col(WebSession.expires_at) < now - KEPT_FOR,
        or_(changed_at.is_(None), changed_at < now - EVIDENCE_KEPT_FOR),
        ~is_disputed,
    )
    return list(session.exec(query.limit(BATCH)).all())


def _staff_sessions_to_clear(session: Session, *, now: datetime) -> list[str]:
    expires_at = col(StaffSession.expires_at)
    without_member = and_(col(StaffSession.staff_id).is_(None), expires_at < now - KEPT_FOR)
    query = select(StaffSession.session_id).where(or_(without_member, expires_at < now - STAFF_KEPT_FOR))
    return list(session.exec(query.limit(BATCH)).all())


def _rows(session: Session, statement: Delete | Update) -> int:
    return int(session.execute(statement).rowcount)  # type: ignore[attr-defined]
