"""Sessions of staff, and their challenges. People's sessions are in another table, so neither kind opens the other."""

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Column, LargeBinary, func
from sqlmodel import Field, Session, SQLModel, col, select, update
from uuid_utils.compat import uuid7

from domain.codes import digest
from domain.errors import CeremonyRejected
from domain.staff.staff import SESSION_LIFETIME, is_over
from store.engine import challenge_rows
from store.engine.types import Instant

_NOTED_EVERY = timedelta(minutes=1)


class StaffCeremony(StrEnum):
    """What a challenge may be answered with; `provider` is for a sign-in by an identity provider."""

    REGISTRATION = "registration"
    SIGN_IN = "sign_in"
    STEP_UP = "step_up"
    PROVIDER = "provider"


class StaffSession(SQLModel, table=True):
    """One browser at the console. Before sign-in it has no member, and only binds ceremonies to the browser."""

    __tablename__ = "staff_session"

    session_id: str = Field(primary_key=True)
    staff_id: str | None = Field(default=None, foreign_key="staff.staff_id", index=True)
    passkey_id: str | None = Field(default=None, foreign_key="staff_passkey.passkey_id")
    platform: str = ""
    came_from: str = ""
    started_at: datetime = Field(sa_type=Instant)
    seen_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant, index=True)
    stepped_up_at: datetime | None = Field(default=None, sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)


class StaffChallenge(SQLModel, table=True):
    """One unanswered challenge."""

    __tablename__ = "staff_challenge"

    challenge_id: str = Field(primary_key=True, default_factory=lambda: str(uuid7()))
    session_id: str = Field(foreign_key="staff_session.session_id", index=True)
    ceremony: str
    challenge: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    expires_at: datetime = Field(sa_type=Instant, index=True)


def start(
    session: Session,
    token: str,
    *,
    now: datetime,
    staff_id: str | None = None,
    passkey_id: str | None = None,
    platform: str = "",
    came_from: str = "",
) -> StaffSession:
    """Keep a new session under the digest of its token."""
    staff_session = StaffSession(
        session_id=digest(token),
        staff_id=staff_id,
        passkey_id=passkey_id,
        platform=platform,
        came_from=came_from,
        started_at=now,
        seen_at=now,
        expires_at=now + SESSION_LIFETIME,
    )
    session.add(staff_session)
    session.flush()
    return staff_session


def find(session: Session, token: str, *, now: datetime) -> StaffSession | None:
    """The session of a token, if it has neither ended nor timed out."""
    staff_session = session.get(StaffSession, digest(token))
    if staff_session is None or staff_session.ended_at:
        return None
    times_out = is_over(started_at=staff_session.started_at, seen_at=staff_session.seen_at, now=now)
    return None if times_out else staff_session


def is_worth_noting(staff_session: StaffSession, *, now: datetime) -> bool:
    """Whether the request has to be written down as a sign of life: not every request does so."""
    return now - staff_session.seen_at >= _NOTED_EVERY


def note_seen(session: Session, session_id: str, *, at: datetime) -> None:
    """Note that the member has just done something in a session, so that it does not time out."""
    _set(session, session_id, seen_at=at)


def step_up(session: Session, session_id: str, *, at: datetime) -> None:
    """Note that the member has just shown again who they are."""
    _set(session, session_id, stepped_up_at=at, seen_at=at)


def step_up_of(session: Session, session_id: str, staff_id: str, *, at: datetime) -> bool:
    """Note a fresh ceremony of this member; False if the session is over, or belongs to another member."""
    staff_session = session.get(StaffSession, session_id)
    if staff_session is None or staff_session.ended_at or staff_session.staff_id != staff_id:
        return False
    if is_over(started_at=staff_session.started_at, seen_at=staff_session.seen_at, now=at):
        return False
    step_up(session, session_id, at=at)
    return True


def end(session: Session, session_id: str, *, at: datetime) -> None:
    """End one session."""
    _set(session, session_id, ended_at=at)


def end_all(session: Session, staff_id: str, *, at: datetime, keep: str | None = None) -> None:
    """End all of a member's sessions but the session `keep`."""
    session.execute(
        update(StaffSession)
        .where(
            col(StaffSession.staff_id) == staff_id,
            col(StaffSession.ended_at).is_(None),
            col(StaffSession.session_id) != (keep or ""),
        )
        .values(ended_at=at)
    )


def end_of_passkey(session: Session, passkey_id: str, *, at: datetime, keep: str | None = None) -> None:
    """End the sessions that a passkey has signed in, but not the session `keep`, in which the passkey is removed."""
    session.execute(
        update(StaffSession)
        .where(
            col(StaffSession.passkey_id) == passkey_id,
            col(StaffSession.ended_at).is_(None),
            col(StaffSession.session_id) != (keep or ""),
        )
        .values(ended_at=at)
    )


def last_seen(session: Session) -> dict[str, datetime]:
    """When each member last did something at the console, by their ids; members without a session are missing."""
    query = select(col(StaffSession.staff_id), func.max(col(StaffSession.seen_at))).where(
        col(StaffSession.staff_id).is_not(None)
    )
    rows = session.exec(query.group_by(col(StaffSession.staff_id))).all()
    return {staff_id: at for staff_id, at in rows if staff_id}


def ask(
    session: Session, session_id: str, ceremony: StaffCeremony, challenge: bytes, *, now: datetime
) -> None:
    """Keep a challenge, and of the earlier ones of the same session and ceremony the newest few."""
    challenge_rows.issue(session, StaffChallenge, session_id, ceremony, challenge, now=now)


def take(
    session: Session, session_id: str, ceremony: StaffCeremony, challenge: bytes, *, now: datetime
) -> datetime:
    """Use up the challenge that an answer names; returns when it was asked for. Raises CeremonyRejected."""
    return challenge_rows.take(session, StaffChallenge, session_id, ceremony, challenge, now=now)


def is_registering(session: Session, staff_id: str, *, now: datetime) -> bool:
    """Whether a new passkey of the member may be under way in any of their sessions."""
    of_member = select(StaffSession.session_id).where(StaffSession.staff_id == staff_id)
    is_of_session = col(StaffChallenge.session_id).in_(of_member)
    return challenge_rows.is_open(session, StaffChallenge, is_of_session, StaffCeremony.REGISTRATION, now=now)


def take_way(session: Session, session_id: str, *, now: datetime) -> bytes:
    """Use up the way to the identity provider and back for which a session was started. Raises CeremonyRejected."""
    query = select(StaffChallenge.challenge).where(
        StaffChallenge.session_id == session_id, StaffChallenge.ceremony == StaffCeremony.PROVIDER
    )
    way = session.exec(query).first()
    if way is None:
        raise CeremonyRejected("challenge_unknown")
    take(session, session_id, StaffCeremony.PROVIDER, way, now=now)
    return way


def _set(session: Session, session_id: str, **values: datetime) -> None:
    is_current = col(StaffSession.session_id) == session_id, col(StaffSession.ended_at).is_(None)
    session.execute(update(StaffSession).where(*is_current).values(values))
