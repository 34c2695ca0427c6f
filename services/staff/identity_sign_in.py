"""Signs staff in, or steps them up, by a company's identity provider. The provider's groups decide their role."""

from domain.staff.staff import AuditKind, clean_name
from providers.identity import Identity
from services.container import Services
from services.staff.staff_visits import StaffVisit, author, enter
from store import Session
from store.staff import audit, staff, staff_sessions
from store.staff.staff import StaffMember


def sign_in(session: Session, services: Services, visit: StaffVisit, identity: Identity) -> str | None:
    """The token of a new session; None if the provider gives the person no role, or if their access was ended here."""
    now = services.clock()
    if identity.role is None:
        member = staff.by_subject(session, identity.subject)
        if member:
            staff_sessions.end_all(session, member.staff_id, at=now)
        return None
    described = StaffMember(
        address=identity.address,
        name=clean_name(identity.name),
        role=identity.role,
        subject=identity.subject,
        invited_at=now,
        invited_by="identity provider",
        joined_at=now,
    )
    member = staff.by_provider(session, described, now=now)
    if member is None:
        return None
    audit.append(session, author(member, visit), AuditKind.SIGNED_IN, at=now, by_provider=True)
    return enter(session, services, visit, member, passkey_id=None)


def step_up(
    session: Session, services: Services, visit: StaffVisit, identity: Identity, session_id: str
) -> str | None:
    """An empty token, because the session stays; None if another member came back, or one whose role has changed."""
    now = services.clock()
    member = staff.by_subject(session, identity.subject)
    if member is None or identity.role != member.role:
        return None
    if not staff_sessions.step_up_of(session, session_id, member.staff_id, at=now):
        return None
    audit.append(session, author(member, visit), AuditKind.STEPPED_UP, at=now, by_provider=True)
    return ""
