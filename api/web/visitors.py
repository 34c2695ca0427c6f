"""Turns a request into a visit: the browser's address, its platform, and the session that its cookie names."""

from typing import Annotated

from fastapi import Depends, Request
from fastapi.responses import Response

from api.web.arguments import Use
from api.web.client_addresses import passage
from api.web.cookies import TokenCookie
from domain.attempts import Scene, occasion_of
from domain.codes import SESSION_LIFETIME, digest, new_token
from domain.safety.guessing import KNOWN_FOR
from domain.software import read_capabilities
from providers.platforms import platform_name, software_of
from services import proxy_sightings, request_notes
from services.container import Services
from services.openid import ways_back
from services.people.admission import Admission
from services.people.visits import Person, Visit, person_of
from services.site import Site
from store.people import known_browsers, sessions

_COOKIE = TokenCookie(name="offramp", lifetime=SESSION_LIFETIME, same_site="lax")
_BROWSER_COOKIE = TokenCookie(name="offramp-browser", lifetime=KNOWN_FOR, same_site="lax")
_DOOR_COOKIE = TokenCookie(name="offramp-door", lifetime=SESSION_LIFETIME, same_site="lax")

_CAPABILITIES = "passkey-capabilities"
"""The header in which the pages' scripts say what the browser can do."""

GO_ON = "/oidc/go-on"
"""The address that leads on whoever was sent by a host: to the sign-in, to the set-up, or back."""

BACK = "/oidc/back"
"""The address that sends a person back to the host."""


class NotSignedIn(Exception):
    """The page is for people who have signed in."""


class OnlyThisDevice(Exception):
    """The session came from a device link or a rescue pass: it may add a passkey to this device and nothing else."""


def _visit(request: Request, services: Use) -> Visit:
    came = passage(request, services.site)
    proxy_sightings.note(
        services, entries=came.entries, is_readable=came.is_readable, has_other_header=came.has_other_header
    )
    platform = platform_name(request.headers.get("user-agent", ""))
    token = request.cookies.get(cookie_name(services.site))
    browser_token = request.cookies.get(_BROWSER_COOKIE.name_at(services.site))
    with services.database.reading() as session:
        now = services.clock()
        web_session = sessions.find(session, token, now=now) if token else None
        person = person_of(web_session) if web_session else None
        sign_on_id = web_session.sign_on_id if web_session else None
        way_back = ways_back.way_back(session, sign_on_id, now=now)
        is_known = browser_token and known_browsers.is_known(session, digest(browser_token), now=now)
    if person:
        request_notes.note(account_id=person.account_id)
    request.state.way_back = way_back  # every page has a link to it
    return Visit(
        address=came.address,
        platform=platform,
        token=token if web_session else None,
        person=person,
        browser_token=browser_token if is_known else None,
        door_token=request.cookies.get(_DOOR_COOKIE.name_at(services.site)),
        sign_on_id=sign_on_id,
        way_back=way_back,
        scene=_scene(request, person),
    )


def _scene(request: Request, person: Person | None) -> Scene:
    return Scene(
        occasion=occasion_of(request.url.path, person.method if person else None),
        software=software_of(request.headers.get("user-agent", "")),
        capabilities=read_capabilities(request.headers.get(_CAPABILITIES, "")),
    )


Visiting = Annotated[Visit, Depends(_visit)]
"""The visit, as an argument of a route."""


def _enrolling(visit: Visiting) -> Person:
    if visit.person is None:
        raise NotSignedIn
    return visit.person


def _signed_in(person: Annotated[Person, Depends(_enrolling)]) -> Person:
    if person.method.only_enrols:
        raise OnlyThisDevice
    return person


Enrolling = Annotated[Person, Depends(_enrolling)]
"""A person who may add a passkey to this device: signed in, or the bearer of a device link or a rescue pass."""

SignedIn = Annotated[Person, Depends(_signed_in)]
"""A person who may see and change the account."""


def way_on(visit: Visit) -> str:
    """Where somebody goes who has done what they came for: on, if a host has sent them, otherwise to the account."""
    return GO_ON if visit.way_back else "/account"


def remember(response: Response, services: Services, token: str) -> None:
    """Give the browser its token."""
    _COOKIE.keep(response, services.site, token)


def admit(response: Response, services: Services, admission: Admission) -> None:
    """Give the browser what it keeps of an admission: its session, and that an account knows it from now on."""
    remember(response, services, admission.token)
    if admission.browser_token:
        know(response, services, admission.browser_token)


def know(response: Response, services: Services, browser_token: str) -> None:
    """Give the browser the token by which an account knows it. It stays when the session ends."""
    _BROWSER_COOKIE.keep(response, services.site, browser_token)


def at_door(response: Response, services: Services, visit: Visit) -> Response:
    """A page on which a one-time secret is sent: the browser keeps a token, by which its second press is recognised."""
    if not visit.door_token:
        _DOOR_COOKIE.keep(response, services.site, new_token())
    return response


def forget(response: Response, services: Services) -> None:
    """Take the token away."""
    _COOKIE.end(response, services.site)


def cookie_name(site: Site) -> str:
    """The name of the cookie."""
    return _COOKIE.name_at(site)
