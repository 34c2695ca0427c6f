"""Visits: one browser, and the person who is signed in there, if anybody is.

The server keeps the session. The browser holds a token; the server stores only the token's digest.
"""

from dataclasses import asdict, dataclass
from datetime import datetime

from domain.attempts import SOMEWHERE, Scene
from domain.codes import DEVICE_SESSION_LIFETIME, SESSION_LIFETIME, digest, new_token
from domain.facts import Method
from domain.trust import Assurance, Root
from services.container import Services
from store import Session
from store.people import challenges, sessions
from store.people.sessions import WebSession


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody who has shown who they are, and how. `has_bound`: the session has made the one passkey it may make."""

    account_id: str
    session_id: str
    method: Method
    passkey_id: str | None
    root: Root
    rooted_at: datetime
    has_bound: bool = False

    @property
    def came_by_sms(self) -> bool:
        """Whether a text-message code has opened the session, here or at the host."""
        return self.method.is_by_text or (self.method is Method.HOST and self.root is Root.SMS)


@dataclass(frozen=True, kw_only=True)
class Visit:
    """One request's browser: its network address, its platform, and its session if it has one.

    `scene` is on what page and software the request comes, as far as figures of failures tell it apart.
    `browser_token` is what the browser keeps if any account knows it from an earlier sign-in; `door_token` is what it
    keeps from the page on which it sends a one-time secret. `sign_on_id` is the host's request that it came by;
    `way_back` is that host's name while the person can still go back, and else empty.
    """

    address: str
    platform: str
    token: str | None = None
    person: Person | None = None
    browser_token: str | None = None
    door_token: str | None = None
    sign_on_id: str | None = None
    way_back: str = ""
    scene: Scene = SOMEWHERE

    @property
    def session_id(self) -> str | None:
        """The id of the browser's session."""
        return digest(self.token) if self.token else None

    @property
    def browser_id(self) -> str | None:
        """The id of a browser that some account knows."""
        return digest(self.browser_token) if self.browser_token else None

    @property
    def door_id(self) -> str | None:
        """The id of the browser as it sends a one-time secret; it stays the same when a session begins or ends."""
        return digest(self.door_token) if self.door_token else None

    @property
    def place(self) -> str:
        """By what ceremonies are counted: a known browser is not held back by others at its network address."""
        return f"browser:{self.browser_id}" if self.browser_id else self.address


@dataclass(frozen=True, kw_only=True)
class Opening:
    """What opens a session, and what its trust goes back to: the root of the passkey, code set, app or device link.

    `carries` is the assurance that a device link brings from the session `parent_id` that made it, or that the host's
    word has; `vouched_at` and `vouched_amr` are when and how the person signed in there.
    """

    account_id: str
    method: Method
    root: Root
    rooted_at: datetime
    passkey_id: str | None = None
    set_id: str | None = None
    app_id: str | None = None
    parent_id: str | None = None
    carries: Assurance | None = None
    vouched_at: datetime | None = None
    vouched_amr: str | None = None


def person_of(web_session: WebSession) -> Person | None:
    """Who is signed in by a session, if anybody is."""
    if web_session.account_id is None or web_session.method is None:
        return None
    return Person(
        account_id=web_session.account_id,
        session_id=web_session.session_id,
        method=Method(web_session.method),
        passkey_id=web_session.passkey_id,
        root=Root(web_session.root or Root.SMS),
        rooted_at=web_session.rooted_at or web_session.started_at,
        has_bound=web_session.has_bound,
    )


def anchor(session: Session, services: Services, visit: Visit) -> str:
    """The token of the browser's session. A browser without one is given a session without an account."""
    return visit.token or _start(session, services, visit, None)


def enter(session: Session, services: Services, visit: Visit, opening: Opening) -> str:
    """Start the session of somebody who has shown who they are, and end the browser's last one. Returns the token.

    The way back to the host stays. What the same person's other tabs have asked for, they may still answer.
    """
    if visit.session_id:
        sessions.end(session, visit.session_id, at=services.clock())
    token = _start(session, services, visit, opening)
    if visit.session_id and visit.person and visit.person.account_id == opening.account_id:
        challenges.pass_on(session, visit.session_id, digest(token))
    return token


def _start(session: Session, services: Services, visit: Visit, opening: Opening | None) -> str:
    now, token = services.clock(), new_token()
    lifetime = DEVICE_SESSION_LIFETIME if opening and opening.method.only_enrols else SESSION_LIFETIME
    opened = asdict(opening) if opening else {}
    web_session = WebSession(
        session_id="",  # the store fills in the digest of the token
        platform=visit.platform,
        sign_on_id=visit.sign_on_id if visit.way_back else None,
        started_at=now,
        expires_at=now + lifetime,
        **opened,
    )
    sessions.start(session, token, web_session)
    return token
