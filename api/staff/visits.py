"""Browsers at the console. Their sessions and cookies open no person's account, and those of people no console."""

import re
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request
from fastapi.responses import Response

from api.staff import kept_forms
from api.staff.kept_forms import NOTHING_SENT, KeptForm
from api.web.arguments import Use
from api.web.client_addresses import client_address
from api.web.cookies import TokenCookie
from api.web.loopback import is_on_loopback
from domain.staff.staff import SESSION_LIFETIME, is_fresh
from providers.platforms import platform_name
from services.container import Services
from services.site import Site
from services.staff.staff_visits import SignedMember, StaffVisit, look_up
from store.staff import staff

HOME = "/console/home"

# Strict: browsers do not send the cookie with links and forms of other sites.
_COOKIE = TokenCookie(name="offramp-staff", lifetime=SESSION_LIFETIME, same_site="strict")

_OWN_PATH = re.compile(r"/console(/[\w~-]+)*(\?[\w=&.~-]*)?", re.ASCII)


def _visit(request: Request, services: Use) -> StaffVisit:
    token = request.cookies.get(cookie_name(services.site))
    # A page that refreshes itself is no sign of somebody sitting in front of it.
    is_sign_of_life = not request.url.path.endswith("/live")
    staff_session, signed = (
        look_up(services, token, is_sign_of_life=is_sign_of_life) if token else (None, None)
    )
    request.state.kept_form = _kept_form(request, services, signed)
    return StaffVisit(
        address=client_address(request, services.site),
        platform=platform_name(request.headers.get("user-agent", "")),
        back=back_to(request, services.site),
        token=token if staff_session else None,
        signed=signed,
    )


def _kept_form(request: Request, services: Services, signed: SignedMember | None) -> KeptForm:
    draft = request.query_params.get("draft", "")
    if signed is None or not draft:
        return NOTHING_SENT
    page = request.url.path.removesuffix("/live")
    is_confirmed = is_fresh(signed.stepped_up_at, now=services.clock())
    return kept_forms.read(services, page, draft, session_id=signed.session_id, is_confirmed=is_confirmed)


AtConsole = Annotated[StaffVisit, Depends(_visit)]
"""The visit, as an argument of a route."""


def remember(response: Response, services: Services, token: str) -> None:
    """Give the browser its token."""
    _COOKIE.keep(response, services.site, token)


def forget(response: Response, services: Services) -> None:
    """Take the token away."""
    _COOKIE.end(response, services.site)


def cookie_name(site: Site) -> str:
    """The name of the cookie."""
    return _COOKIE.name_at(site)


def own_path(path: str) -> str:
    """A page of the console to go on to; a path that leads elsewhere becomes the first page."""
    return path if _OWN_PATH.fullmatch(path) else HOME


def back_to(request: Request, site: Site) -> str:
    """The page that somebody was on: this page, or the page whose form they sent."""
    if request.method == "GET":
        query = f"?{request.url.query}" if request.url.query else ""
        return own_path(request.url.path.removesuffix("/live") + query)
    page_of_form = request.headers.get("referer", "")
    is_own = any(page_of_form.startswith(f"{origin}/") for origin in site.origins)
    return own_path(urlsplit(page_of_form).path) if is_own else HOME


def is_open(request: Request, services: Services) -> bool:
    """Whether the console needs no sign-in yet: in development, on this machine, until the first member is invited."""
    if not services.is_development or services.identity or not is_on_loopback(request, services.site):
        return False
    with services.database.reading() as session:
        return not staff.is_anybody_there(session)
