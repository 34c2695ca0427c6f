"""Browsers at the console: sessions and cookies of their own, which open no person's account, nor the reverse."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request
from fastapi.responses import Response

from api.web.cookies import SessionCookie
from api.web.loopback import is_on_loopback
from api.web.visitors import client_address
from domain.codes import digest, new_token
from domain.staff.staff import SESSION_LIFETIME, Author, Role
from providers.platforms import platform_name
from services.container import Services, Site, Use
from store import Session
from store.staff import staff, staff_sessions
from store.staff.staff import StaffMember
from store.staff.staff_sessions import StaffSession

HOME = "/console"

# Strict: no other site's link or form ever arrives with it.
_COOKIE = SessionCookie(name="offramp-staff", lifetime=SESSION_LIFETIME, same_site="strict")

_OWN_PATH = re.compile(r"/console(/[\w~-]+)*(\?[\w=&.~-]*)?", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Signed:
    """A living session and its member, as they are now."""

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
    """One request's browser at the console: where it is, and its session if it has one."""

    address: str
    platform: str
    back: str
    token: str | None = None
    signed: Signed | None = None

    @property
    def session_id(self) -> str | None:
        """The id of the browser's session, which may be nobody's."""
        return digest(self.token) if self.token else None


def _visit(request: Request, services: Use) -> StaffVisit:
    token = request.cookies.get(cookie_name(services.site))
    found, signed = _look_up(services, request, token) if token else (None, None)
    return StaffVisit(
        address=client_address(request, services.site),
        platform=platform_name(request.headers.get("user-agent", "")),
        back=back_to(request, services.site),
        token=token if found else None,
        signed=signed,
    )


AtConsole = Annotated[StaffVisit, Depends(_visit)]
"""The visit, as an argument of a route."""


def anchor(session: Session, services: Services, visit: StaffVisit) -> str:
    """The token of the browser's session. One without any is given a session of nobody, to bind ceremonies to it."""
    return visit.token or start(session, services, visit)


def enter(
    session: Session, services: Services, visit: StaffVisit, member: StaffMember, *, passkey_id: str | None
) -> str:
    """Start the session of a member who has shown who they are; the one before is over. Returns its token."""
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


def remember(response: Response, services: Services, token: str) -> None:
    """Give the browser its token."""
    _COOKIE.keep(response, services.site, token)


def forget(response: Response, services: Services) -> None:
    """Take the token away."""
    _COOKIE.end(response, services.site)


def cookie_name(site: Site) -> str:
    """What the browser calls it."""
    return _COOKIE.name_at(site)


def own_path(path: str) -> str:
    """A page of the console to go on to; whatever leads elsewhere becomes the first page."""
    return path if _OWN_PATH.fullmatch(path) else HOME


def back_to(request: Request, site: Site) -> str:
    """The page that somebody was on: this one, or the one whose form they sent."""
    if request.method == "GET":
        query = f"?{request.url.query}" if request.url.query else ""
        return own_path(request.url.path.removesuffix("/live") + query)
    referer = urlsplit(request.headers.get("referer", ""))
    return own_path(referer.path) if f"{referer.scheme}://{referer.netloc}" == site.origin else HOME


def _look_up(services: Services, request: Request, token: str) -> tuple[StaffSession | None, Signed | None]:
    now = services.clock()
    with services.database.reading() as session:
        found = staff_sessions.find(session, token, now=now)
        member = session.get(StaffMember, found.staff_id) if found and found.staff_id else None
    if found is None or (found.staff_id and (member is None or member.ended_at)):
        return None, None
    # A page that refreshes itself is no sign of somebody sitting in front of it.
    if not request.url.path.endswith("/live") and staff_sessions.is_worth_noting(found, now=now):
        with services.database.transaction() as session:
            staff_sessions.note_seen(session, found.session_id, at=now)
    return found, _signed(found, member) if member else None


def _signed(found: StaffSession, member: StaffMember) -> Signed:
    return Signed(
        session_id=found.session_id,
        staff_id=member.staff_id,
        address=member.address,
        name=member.name,
        role=Role(member.role),
        is_by_provider=member.subject is not None,
        passkey_id=found.passkey_id,
        stepped_up_at=found.stepped_up_at,
    )


def is_open(request: Request, services: Services) -> bool:
    """Whether the console needs no sign-in yet: in development, on this machine, until the first member is invited."""
    if not services.is_development or services.identity or not is_on_loopback(request, services.site):
        return False
    with services.database.reading() as session:
        return not staff.is_anybody_there(session)
