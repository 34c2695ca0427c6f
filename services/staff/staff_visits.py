"""Browsers at the console, and the sessions of members in them. These sessions open no person's account."""

from dataclasses import dataclass
from datetime import datetime

from domain.codes import digest, new_token
from domain.staff.staff import Author, Role
from services.container import Services
from store import Session
from store.staff import staff, staff_sessions
from store.staff.staff import StaffMember
from store.staff.staff_sessions import StaffSession


@dataclass(frozen=True, kw_only=True)
class SignedMember:
    """A session that has not ended, and its member as they are now."""

    session_id: str
    staff_id: str
    address: str
    name: str
    role: Role
    is_by_provider: bool
    passkey_id: str | None
    stepped_up_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class StaffVisit:
    """One request's browser at the console, and its session if it has one; `back` is the page to return to."""

    address: str
    platform: str
    back: str
    token: str | None = None
    signed: SignedMember | None = None

    @property
    def session_id(self) -> str | None:
        """The id of the browser's session, which may have no member."""
        return digest(self.token) if self.token else None


def anchor(session: Session, services: Services, visit: StaffVisit) -> str:
    """The token of the browser's session. A browser without one is given a session without a member."""
    return visit.token or start(session, services, visit)


def enter(
    session: Session, services: Services, visit: StaffVisit, member: StaffMember, *, passkey_id: str | None
) -> str:
    """Start the session of a member who has shown who they are, and end the browser's last one. Returns the token."""
    if visit.session_id:
        staff_sessions.end(session, visit.session_id, at=services.clock())
    return start(session, services, visit, staff_id=member.staff_id, passkey_id=passkey_id)


def start(
    session: Session,
    services: Services,
    visit: StaffVisit,
    *,
    staff_id: str | None = None,
    passkey_id: str | None = None,
) -> str:
    """Keep a new session and return its token."""
    token = new_token()
    staff_sessions.start(
        session,
        token,
        now=services.clock(),
        staff_id=staff_id,
        passkey_id=passkey_id,
        platform=visit.platform,
        came_from=visit.address,
    )
    return token


def author(member: StaffMember, visit: StaffVisit) -> Author:
    """The member, as the audit writes them down."""
    return Author(
        by=member.address, staff_id=member.staff_id, role=Role(member.role), came_from=visit.address
    )


def look_up(
    services: Services, token: str, *, is_sign_of_life: bool
) -> tuple[StaffSession | None, SignedMember | None]:
    """The session of a token, and its member if it has one. Both are None if the session or the member's access ended.

    `is_sign_of_life`: somebody sits in front of the browser, so the session is noted as seen.
    """
    now = services.clock()
    with services.database.reading() as session:
        staff_session = staff_sessions.find(session, token, now=now)
        member = (
            staff.on_record(session, staff_session.staff_id)
            if staff_session and staff_session.staff_id
            else None
        )
    if staff_session is None or (staff_session.staff_id and (member is None or member.ended_at)):
        return None, None
    if is_sign_of_life and staff_sessions.is_worth_noting(staff_session, now=now):
        with services.database.transaction() as session:
            staff_sessions.note_seen(session, staff_session.session_id, at=now)
    return staff_session, _signed(staff_session, member) if member else None


def _signed(staff_session: StaffSession, member: StaffMember) -> SignedMember:
    return SignedMember(
        session_id=staff_session.session_id,
        staff_id=member.staff_id,
        address=member.address,
        name=member.name,
        role=Role(member.role),
        is_by_provider=member.subject is not None,
        passkey_id=staff_session.passkey_id,
        stepped_up_at=staff_session.stepped_up_at,
    )
