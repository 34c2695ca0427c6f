"""The way in through a company's own identity provider, and back: the same sessions, and roles by its groups."""

import json
from dataclasses import asdict, dataclass
from typing import Annotated

import structlog
from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from api.staff.open_console import clean_name
from api.staff.rights import ASession
from api.staff.visits import AtConsole, StaffVisit, author, enter, own_path, remember, start
from api.web.pages import page
from domain.codes import CHALLENGE_LIFETIME, digest
from domain.errors import CeremonyRejected
from domain.staff.staff import AuditKind, IdentityRejected
from providers.identity import Identity, IdentityProvider
from services.container import Services, Site, Use
from services.throttling import require_attempts
from store import Session
from store.staff import audit, staff, staff_sessions
from store.staff.staff import StaffMember
from store.staff.staff_sessions import StaffCeremony

log = structlog.get_logger()
router = APIRouter(prefix="/console")


@dataclass(frozen=True, kw_only=True)
class _Way:
    """What is kept, sealed, while a browser is at the provider; `session_id` is whose step up it is."""

    kept: str
    next: str
    session_id: str = ""


def _provider(services: Use) -> IdentityProvider:
    if services.identity is None:
        raise HTTPException(404)
    return services.identity


AProvider = Annotated[IdentityProvider, Depends(_provider)]
"""The identity provider, as an argument of a route that does not exist without one."""


@router.get("/sign-in/provider")
def sign_in(services: Use, visit: AtConsole, provider: AProvider, next: str = "") -> Response:  # noqa: A002
    """Send the browser to the provider."""
    require_attempts(services, staff_per_address=visit.address)
    departure = provider.depart()
    return _depart(services, visit, departure.url, _Way(kept=departure.kept, next=own_path(next)))


@router.get("/step-up/provider")
def step_up(
    services: Use,
    visit: AtConsole,
    provider: AProvider,
    signed: ASession,
    next: str = "",  # noqa: A002
) -> Response:
    """Send the browser to the provider for a fresh ceremony there."""
    require_attempts(services, staff_per_address=visit.address)
    departure = provider.depart(fresh=True)
    way = _Way(kept=departure.kept, next=own_path(next), session_id=signed.session_id)
    return _depart(services, visit, departure.url, way)


@router.get("/sign-in/provider/back")
def come_back(request: Request, services: Use, visit: AtConsole, provider: AProvider) -> Response:
    """Take what the provider says. The page's own link goes on, for the strict cookie travels with nothing else."""
    way = _take_way(services, request)
    identity = provider.arrive(request.query_params, kept=way.kept)
    with services.database.transaction() as session:
        if way.session_id:
            token = _stepped_up(session, services, visit, identity, way.session_id)
        else:
            token = _entered(session, services, visit, identity)
    if token is None:
        raise IdentityRejected(_why_not(identity, way))
    response = page(request, "console/arrived.html", next=way.next)
    response.delete_cookie(_cookie_name(services.site), path="/", secure=services.site.secure)
    if token:
        remember(response, services, token)
    return response


def _depart(services: Services, visit: StaffVisit, url: str, way: _Way) -> Response:
    """Keep the way under a cookie of its own, which unlike the session's comes back from another site."""
    with services.database.transaction() as session:
        token = start(session, services, visit)
        sealed = services.seal.close(json.dumps(asdict(way)))
        staff_sessions.ask(session, digest(token), StaffCeremony.PROVIDER, sealed, now=services.clock())
    response = RedirectResponse(url, status_code=303)
    response.set_cookie(
        _cookie_name(services.site),
        token,
        max_age=int(CHALLENGE_LIFETIME.total_seconds()),
        path="/",
        secure=services.site.secure,
        httponly=True,
        samesite="lax",
    )
    return response


def _take_way(services: Services, request: Request) -> _Way:
    token = request.cookies.get(_cookie_name(services.site), "")
    with services.database.transaction() as session:
        try:
            sealed = staff_sessions.take(session, digest(token), StaffCeremony.PROVIDER, now=services.clock())
        except CeremonyRejected as rejected:
            sealed, reason = b"", rejected.reason
    if not sealed:
        raise IdentityRejected(reason)
    return _Way(**json.loads(services.seal.open(sealed)))


def _entered(session: Session, services: Services, visit: StaffVisit, identity: Identity) -> str | None:
    """The token of a new session; None for whom the provider gives no role, or whose access was ended here."""
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


def _stepped_up(
    session: Session, services: Services, visit: StaffVisit, identity: Identity, session_id: str
) -> str | None:
    """An empty token, for the session stays; None when somebody else came back."""
    now = services.clock()
    member = staff.by_subject(session, identity.subject)
    if member is None or identity.role != member.role:
        return None
    if not staff_sessions.step_up_of(session, session_id, member.staff_id, at=now):
        return None
    audit.append(session, author(member, visit), AuditKind.STEPPED_UP, at=now, by_provider=True)
    return ""


def _why_not(identity: Identity, way: _Way) -> str:
    if identity.role is None:
        return "no_role"
    return "other_member" if way.session_id else "access_ended"


def _cookie_name(site: Site) -> str:
    return "__Host-offramp-staff-way" if site.secure else "offramp-staff-way"
