"""Sessions of staff, and the challenges bound to them; apart from people's, so that neither opens the other."""

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Column, LargeBinary, func
from sqlmodel import Field, Session, SQLModel, col, select, update

from domain.codes import digest
from domain.staff.staff import SESSION_LIFETIME, is_over
from store.engine import challenge_rows
from store.engine.types import Instant

_NOTED_EVERY = timedelta(minutes=1)


class StaffCeremony(StrEnum):
    """What a challenge may be answered with; `provider` keeps what a way through an identity provider began with."""

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

    session_id: str = Field(primary_key=True, foreign_key="staff_session.session_id")
    ceremony: str = Field(primary_key=True)
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
    """The living session of a token."""
    found = session.get(StaffSession, digest(token))
    if found is None or found.ended_at:
        return None
    return None if is_over(started_at=found.started_at, seen_at=found.seen_at, now=now) else found


def is_worth_noting(staff_session: StaffSession, *, now: datetime) -> bool:
    """Whether a sign of life is to be written down: not every request has to write."""
    return now - staff_session.seen_at >= _NOTED_EVERY


def note_seen(session: Session, session_id: str, *, at: datetime) -> None:
    """Somebody has done something in a session, so it does not rest."""
    _set(session, session_id, seen_at=at)


def step_up(session: Session, session_id: str, *, at: datetime) -> None:
    """Somebody has shown again who they are."""
    _set(session, session_id, stepped_up_at=at, seen_at=at)


def step_up_of(session: Session, session_id: str, staff_id: str, *, at: datetime) -> bool:
    """Note the fresh ceremony of this very member; False when the session is over, or somebody else's."""
    found = session.get(StaffSession, session_id)
    if found is None or found.ended_at or found.staff_id != staff_id:
        return False
    if is_over(started_at=found.started_at, seen_at=found.seen_at, now=at):
        return False
    step_up(session, session_id, at=at)
    return True


def end(session: Session, session_id: str, *, at: datetime) -> None:
    """End one session."""
    _set(session, session_id, ended_at=at)


def end_all(session: Session, staff_id: str, *, at: datetime, keep: str | None = None) -> None:
    """End all of a member's sessions but one."""
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
    """End the sessions that a passkey has signed in, but for the one in which it is removed."""
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
    """When each member last did something at the console, of those who ever signed in and are still on record."""
    query = select(col(StaffSession.staff_id), func.max(col(StaffSession.seen_at))).where(
        col(StaffSession.staff_id).is_not(None)
    )
    rows = session.exec(query.group_by(col(StaffSession.staff_id))).all()
    return {staff_id: at for staff_id, at in rows if staff_id}


def ask(
    session: Session, session_id: str, ceremony: StaffCeremony, challenge: bytes, *, now: datetime
) -> None:
    """Keep a challenge; an earlier one of the same session and ceremony is void."""
    challenge_rows.issue(session, StaffChallenge, session_id, ceremony, challenge, now=now)


def take(session: Session, session_id: str, ceremony: StaffCeremony, *, now: datetime) -> bytes:
    """The challenge that is to be answered, used up by this call. Raises CeremonyRejected."""
    return challenge_rows.take(session, StaffChallenge, session_id, ceremony, now=now)


def _set(session: Session, session_id: str, **values: datetime) -> None:
    living = col(StaffSession.session_id) == session_id, col(StaffSession.ended_at).is_(None)
    session.execute(update(StaffSession).where(*living).values(values))
