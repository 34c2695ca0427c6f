"""Who is visiting: the browser's session, kept on the server, of which the browser holds only a token in a cookie."""

import ipaddress
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request
from fastapi.responses import Response

from api.web import request_logs
from api.web.cookies import SessionCookie
from domain.codes import DEVICE_SESSION_LIFETIME, SESSION_LIFETIME, digest, new_token
from domain.facts import Method
from providers.platforms import platform_name
from services.container import Services, Site, Use
from store import Session
from store.people import sessions
from store.people.sessions import WebSession

_COOKIE = SessionCookie(name="offramp", lifetime=SESSION_LIFETIME, same_site="lax")


class NotSignedIn(Exception):
    """The page is for people who have signed in."""


class OnlyThisDevice(Exception):
    """The session came from a device link or a rescue pass: it may add a passkey to this device and nothing else."""


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody who has shown who they are, and how."""

    account_id: str
    session_id: str
    method: Method
    passkey_id: str | None
    rooted_in_sms_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Visit:
    """One request's browser: where it is, what it runs on, and its session if it has one."""

    address: str
    platform: str
    token: str | None = None
    person: Person | None = None

    @property
    def session_id(self) -> str | None:
        """The id of the browser's session."""
        return digest(self.token) if self.token else None


def _visit(request: Request, services: Use) -> Visit:
    address = client_address(request, services.site)
    platform = platform_name(request.headers.get("user-agent", ""))
    token = request.cookies.get(cookie_name(services.site))
    with services.database.reading() as session:
        web_session = sessions.find(session, token, now=services.clock()) if token else None
        person = _person(web_session) if web_session else None
    if person:
        request_logs.note(account_id=person.account_id)
    return Visit(address=address, platform=platform, token=token if web_session else None, person=person)


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
"""Who may add a passkey to this device: somebody signed in, or the bearer of a device link or a rescue pass."""

SignedIn = Annotated[Person, Depends(_signed_in)]
"""Who may see and change the account."""


def anchor(session: Session, services: Services, visit: Visit) -> str:
    """The token of the browser's session. One without any is given a session of nobody, to bind codes to it."""
    if visit.token:
        return visit.token
    return start(session, services, _new_session(services, visit))


def rotate(session: Session, services: Services, visit: Visit, person: WebSession) -> str:
    """Start the session of somebody who has shown who they are; the one before is over. Returns the new token."""
    if visit.session_id:
        sessions.end(session, visit.session_id, at=services.clock())
    return start(session, services, person)


def new_session(services: Services, visit: Visit, account_id: str, method: Method) -> WebSession:
    """A session of an account, from now on."""
    return _new_session(services, visit, account_id, method)


def start(session: Session, services: Services, web_session: WebSession) -> str:
    """Keep a session and return its token."""
    token = new_token()
    sessions.start(session, token, web_session)
    return token


def remember(response: Response, services: Services, token: str) -> None:
    """Give the browser its token."""
    _COOKIE.keep(response, services.site, token)


def forget(response: Response, services: Services) -> None:
    """Take the token away."""
    _COOKIE.end(response, services.site)


def cookie_name(site: Site) -> str:
    """What the browser calls it."""
    return _COOKIE.name_at(site)


def client_address(request: Request, site: Site) -> str:
    """The address to count attempts by: as many hops back as there are proxies of ours, /64 networks for IPv6.

    What a client writes in front of our proxies' own entries is never believed.
    """
    hops = [hop.strip() for hop in request.headers.get("x-forwarded-for", "").split(",") if hop.strip()]
    peer = request.client.host if request.client else ""
    chain = [*hops, peer]
    address = chain[-1 - min(site.trusted_proxies, len(chain) - 1)]
    return _network(address)


def _network(address: str) -> str:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    if parsed.version == 4:
        return str(parsed)
    # Whoever has one IPv6 address has the 2^64 around it as well.
    return str(parsed.ipv4_mapped or ipaddress.ip_network((parsed, 64), strict=False))


def _person(web_session: WebSession) -> Person | None:
    if web_session.account_id is None or web_session.method is None:
        return None
    return Person(
        account_id=web_session.account_id,
        session_id=web_session.session_id,
        method=Method(web_session.method),
        passkey_id=web_session.passkey_id,
        rooted_in_sms_at=web_session.rooted_in_sms_at,
    )


def _new_session(
    services: Services, visit: Visit, account_id: str | None = None, method: Method | None = None
) -> WebSession:
    now = services.clock()
    lifetime = DEVICE_SESSION_LIFETIME if method and method.only_enrols else SESSION_LIFETIME
    return WebSession(
        session_id="",  # the store fills in the digest of the token
        account_id=account_id,
        method=method,
        platform=visit.platform,
        started_at=now,
        expires_at=now + lifetime,
    )
