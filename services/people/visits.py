"""Visits: one browser, and the person who is signed in there, if anybody is.

The server keeps the session. The browser holds a token; the server stores only the token's digest.
"""

from dataclasses import dataclass
from datetime import datetime

from domain.codes import DEVICE_SESSION_LIFETIME, SESSION_LIFETIME, digest, new_token
from domain.facts import Method
from services.container import Services
from store import Session
from store.people import sessions
from store.people.sessions import WebSession


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
    """One request's browser: its network address, its platform, and its session if it has one.

    `browser_token` is what the browser keeps if any account knows it from an earlier sign-in.
    """

    address: str
    platform: str
    token: str | None = None
    person: Person | None = None
    browser_token: str | None = None

    @property
    def session_id(self) -> str | None:
        """The id of the browser's session."""
        return digest(self.token) if self.token else None

    @property
    def browser_id(self) -> str | None:
        """The id of a browser that some account knows."""
        return digest(self.browser_token) if self.browser_token else None

    @property
    def place(self) -> str:
        """By what ceremonies are counted: a known browser is not held back by others at its network address."""
        return f"browser:{self.browser_id}" if self.browser_id else self.address


def anchor(session: Session, services: Services, visit: Visit) -> str:
    """The token of the browser's session. A browser without one is given a session without an account."""
    return visit.token or _start(session, services, visit)


def enter(
    session: Session,
    services: Services,
    visit: Visit,
    *,
    account_id: str,
    method: Method,
    passkey_id: str | None,
    rooted_in_sms_at: datetime | None,
) -> str:
    """Start the session of somebody who has shown who they are, and end the browser's last one. Returns the token."""
    if visit.session_id:
        sessions.end(session, visit.session_id, at=services.clock())
    return _start(
        session,
        services,
        visit,
        account_id=account_id,
        method=method,
        passkey_id=passkey_id,
        rooted_in_sms_at=rooted_in_sms_at,
    )


def _start(
    session: Session,
    services: Services,
    visit: Visit,
    *,
    account_id: str | None = None,
    method: Method | None = None,
    passkey_id: str | None = None,
    rooted_in_sms_at: datetime | None = None,
) -> str:
    now, token = services.clock(), new_token()
    lifetime = DEVICE_SESSION_LIFETIME if method and method.only_enrols else SESSION_LIFETIME
    web_session = WebSession(
        session_id="",  # the store fills in the digest of the token
        account_id=account_id,
        method=method,
        passkey_id=passkey_id,
        rooted_in_sms_at=rooted_in_sms_at,
        platform=visit.platform,
        started_at=now,
        expires_at=now + lifetime,
    )
    sessions.start(session, token, web_session)
    return token
