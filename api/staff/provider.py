"""Sign-in and step up by a company's identity provider. The sessions are the same; its groups give the roles."""

import json
from dataclasses import asdict, dataclass
from functools import partial
from typing import Annotated

import structlog
from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from api.staff.rights import ASession
from api.staff.visits import AtConsole, own_path, remember
from api.web.arguments import Use
from api.web.pages import page
from domain.codes import CHALLENGE_LIFETIME, digest
from domain.errors import CeremonyRejected
from domain.staff.staff import IdentityRejected
from providers.identity import Identity, IdentityProvider
from services.ceremonies import take_challenge
from services.container import Services
from services.site import Site
from services.staff import identity_sign_in
from services.staff.staff_visits import StaffVisit, start
from services.throttling import require_attempts
from store.staff import staff_sessions
from store.staff.staff_sessions import StaffCeremony

log = structlog.get_logger()
router = APIRouter(prefix="/console")


@dataclass(frozen=True, kw_only=True)
class _Way:
    """What is kept, sealed, while a browser is at the provider; at a step up, `session_id` is the session it is for."""

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
    """Take the provider's answer. The page then goes on by its own link, which brings the strict cookie."""
    way = _take_way(services, request)
    identity = provider.arrive(request.query_params, kept=way.kept)
    with services.database.transaction() as session:
        if way.session_id:
            token = identity_sign_in.step_up(session, services, visit, identity, way.session_id)
        else:
            token = identity_sign_in.sign_in(session, services, visit, identity)
    if token is None:
        raise IdentityRejected(_why_not(identity, way))
    response = page(request, "staff/arrived.html", next=way.next)
    response.delete_cookie(_cookie_name(services.site), path="/", secure=services.site.secure)
    if token:
        remember(response, services, token)
    return response


def _depart(services: Services, visit: StaffVisit, url: str, way: _Way) -> Response:
    """Keep the way under a second cookie: browsers send it also when they come from another site."""
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
    take_way = partial(staff_sessions.take_way, now=services.clock())
    try:
        sealed = take_challenge(services, digest(token), take_way)
    except CeremonyRejected as rejected:
        raise IdentityRejected(rejected.reason) from rejected
    return _Way(**json.loads(services.seal.open(sealed)))


def _why_not(identity: Identity, way: _Way) -> str:
    if identity.role is None:
        return "no_role"
    return "other_member" if way.session_id else "access_ended"


def _cookie_name(site: Site) -> str:
    return "__Host-offramp-staff-way" if site.secure else "offramp-staff-way"
