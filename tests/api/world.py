"""A little world around the application: browsers, the messages that reach people, and what the database says."""

import atexit
import json
import re
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from typing import Any

from anyio.from_thread import BlockingPortal, start_blocking_portal
from fastapi import FastAPI
from httpx2 import Response
from starlette.testclient import TestClient
from starlette.types import ASGIApp, Receive, Scope, Send

from api.app import create_app, serve_from
from domain.codes import digest
from domain.facts import Facts, SmsState
from domain.messages.messages import Template
from domain.policy import Policy
from domain.presets import STANDARD
from domain.safety.peppers import Pepper, PepperRing
from providers.inbox import Inbox
from providers.passkeys import PasskeyVerifier
from providers.sealing import FernetSeal
from providers.software_authenticator import Authenticator
from services.container import Readiness, Services
from services.people.door_notes import write_up
from services.site import Site
from store import Database
from store.journeys import facts
from store.messages import messages
from store.people import accounts, journal
from store.people.accounts import Account
from tests.api.console.rollouts import FakeRollouts
from tests.clocks import FakeClock
from tests.factories import make_account, make_journey, make_ready_account, put_sms

_REMARK = ("__Host-offramp-remark=", "offramp-remark=")
ORIGIN = "https://accounts.example.test"
RP_ID = "accounts.example.test"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile Safari/604.1"
JSON = {"accept": "application/json"}


@dataclass
class World:
    """One running Offramp, as far as people can see it."""

    database: Database
    clock: FakeClock
    services: Services

    def app(self) -> ASGIApp:
        """The application on the world's services."""
        return _Served(_application(self.services), self.services)

    def browser(self, address: str = "203.0.113.7", **headers: str) -> "Browser":
        """A new browser, with nothing in it."""
        sent = {"origin": ORIGIN, "user-agent": IPHONE} | headers
        client = TestClient(
            self.app(),
            base_url=self.services.site.origin,
            headers=sent,
            client=(address, 50000),
            follow_redirects=False,
        )
        client.portal = _portal()
        return Browser(world=self, client=client)

    def authenticator(self, **changes: Any) -> Authenticator:
        """A new device that holds passkeys."""
        return Authenticator(**({"origin": ORIGIN, "rp_id": RP_ID} | changes))

    def account(self, policy: Policy | None = STANDARD, **changes: Any) -> Account:
        """A new account, on its journey if there is a policy."""
        with self.database.transaction() as session:
            account = make_account(session, **changes)
            account_id = account.account_id
            if policy:
                make_journey(session, account_id, policy, at=self.clock())
        return self.reload(account_id)

    def ready_account(self, **changes: Any) -> Account:
        """A new account on its journey that has reached every milestone."""
        with self.database.transaction() as session:
            account_id = make_ready_account(session, **changes).account_id
            make_journey(session, account_id, STANDARD, at=self.clock())
        return self.reload(account_id)

    def set_sms(self, account: Account, state: SmsState) -> None:
        """Put an account's text-message codes into a state, as its journey would have."""
        with self.database.transaction() as session:
            row = accounts.get(session, account.account_id)
            put_sms(session, row, state, at=self.clock())

    def reload(self, account_id: str) -> Account:
        """The account as it is now."""
        with self.database.reading() as session:
            return accounts.get(session, account_id)

    def facts(self, account: Account) -> Facts:
        """What is true of the account now."""
        with self.database.reading() as session:
            return facts.read(session, account.account_id)

    def kinds(self, account: Account) -> list[str]:
        """The journal's kinds, oldest first."""
        return [entry.kind for entry in self.journal(account)]

    def journal(self, account: Account) -> list[journal.JournalEntry]:
        """The journal, oldest first."""
        with self.database.reading() as session:
            return list(journal.of_account(session, account.account_id))

    def templates(self, account: Account) -> list[str]:
        """The templates of all messages, newest first."""
        with self.database.reading() as session:
            return [message.template for message in messages.of_account(session, account.account_id)]

    def secret(self, account: Account, template: Template) -> dict[str, str]:
        """The code and the link in the newest message of a kind."""
        with self.database.reading() as session:
            sent = [m for m in messages.of_account(session, account.account_id) if m.template == template]
        newest = max(sent, key=lambda message: (message.created_at, message.key))
        secret: dict[str, str] = json.loads(self.services.seal.open(newest.sealed or b""))
        return secret

    def code(self, account: Account) -> str:
        """The newest sign-in code of an account."""
        return self.secret(account, Template.SIGN_IN_CODE)["code"]


@dataclass(frozen=True)
class _Served:
    """An application that many worlds share, serving from the services of one of them."""

    app: FastAPI
    services: Services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.app.state.services is not self.services:
            serve_from(self.app, self.services)
        await self.app(scope, receive, send)


@cache
def _portal() -> BlockingPortal:
    """The event loop that takes all browsers' requests: to start one for each request takes as long as the request."""
    portal = ExitStack()
    atexit.register(portal.close)
    return portal.enter_context(start_blocking_portal())


_applications: dict[tuple[Site, bool], FastAPI] = {}


def _application(services: Services) -> FastAPI:
    """The application of a site and a mode, made once, as that takes longer than most tests; all its routes are built.

    FastAPI builds routes at the first request that bypasses them, and not in several threads at once.
    """
    kind = services.site, services.is_development
    if kind not in _applications:
        _applications[kind] = create_app(services)
        TestClient(_applications[kind]).get("/nowhere")
    return _applications[kind]


@dataclass
class Browser:
    """One browser and its person, who does what people do."""

    world: World
    client: TestClient
    authenticator: Authenticator | None = None

    def cookie(self) -> str:
        """The token that the browser holds."""
        token: str = self.client.cookies["__Host-offramp"]
        return token

    def session_id(self) -> str:
        """The id of its session."""
        return digest(self.cookie())

    def get(self, path: str, **headers: str) -> Response:
        """Open a page."""
        return self.client.get(path, headers=headers)

    def post(self, path: str, headers: dict[str, str] | None = None, **form: str) -> Response:
        """Send a form; what happened at the door is written up, as the relay does it.

        A form that came to something is answered by a redirect to the page that says it; this is the answer then.
        """
        answer = self.client.post(path, data=form, headers=headers)
        write_up(self.world.database, self.world.clock)
        says = any(cookie.startswith(_REMARK) for cookie in answer.headers.get_list("set-cookie"))
        return self.follow(answer) if says else answer

    def follow(self, answer: Response) -> Response:
        """Open the page that a form led to."""
        return self.get(answer.headers["location"])

    def send(self, path: str, body: Any = None) -> Response:
        """What a page's script does."""
        return self.client.post(path, json=body if body is not None else {}, headers=JSON)

    def ask_for_code(self, contact: str | None) -> Response:
        """Type a phone number or an e-mail address."""
        return self.post("/sign-in", identifier=contact or "")

    def sign_in_by_code(self, account: Account) -> Response:
        """The whole way by text message."""
        self.ask_for_code(account.phone)
        return self.post("/sign-in/code", code=self.world.code(account))

    def verify_email(self, account: Account) -> Response:
        """Confirm the address by code."""
        self.post("/setup/email", email=account.email or "")
        code = self.world.secret(account, Template.VERIFY_EMAIL)["code"]
        return self.post("/setup/email/code", code=code)

    def make_passkey(self, authenticator: Authenticator) -> Response:
        """Create a passkey on this device."""
        self.authenticator = authenticator
        options = self.send("/passkeys/options").json()
        return self.send("/passkeys", authenticator.create(options))

    def prove_passkey(self) -> Response:
        """Try it once."""
        assert self.authenticator
        options = self.send("/passkeys/prove/options").json()
        return self.send("/passkeys/prove", self.authenticator.get(options))

    def sign_in_by_passkey(self, authenticator: Authenticator) -> Response:
        """Sign in at the door."""
        options = self.send("/sign-in/passkey/options").json()
        return self.send("/sign-in/passkey", authenticator.get(options))


def make_world(database: Database, clock: FakeClock, *, inbox: Inbox | None = None, **site: Any) -> World:
    """A world on a database; keywords change the site."""
    fields: dict[str, Any] = {"origin": ORIGIN, "service_name": "Example", "secure": True} | site
    services = Services(
        database=database,
        clock=clock,
        site=Site(**fields),
        peppers=PepperRing(peppers=(Pepper(key_id="0000000a", secret=b"p" * 32),)),
        seal=FernetSeal("a secret key of the tests, long enough"),
        passkeys=PasskeyVerifier(
            rp_id=RP_ID, rp_name="Example", origins=[ORIGIN, *fields.get("other_origins", ())]
        ),
        readiness=lambda: [Readiness(name="database", ready=True)],
        rollouts=FakeRollouts(database, clock),
        is_development=inbox is not None,
        inbox=inbox,
    )
    return World(database=database, clock=clock, services=services)


def shown_codes(page: str) -> list[str]:
    """The recovery codes on a page."""
    return re.findall(r"<code>([0-9a-z-]+)</code>", page)
