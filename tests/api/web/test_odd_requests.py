"""No request breaks a page, whoever sends it and whatever is in it, on either database."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from itertools import product
from pathlib import Path

import pytest
from fastapi import FastAPI
from httpx2 import Response

from api.app import create_app
from api.routers import routers
from domain.facts import Method
from domain.staff.staff import Role
from domain.trust import Root
from providers.inbox import Inbox
from providers.software_authenticator import to_text
from store import Database
from store.staff import staff_sessions
from tests.api.web.odd_requests import (
    FORM,
    NASTY,
    NASTY_BODIES,
    NASTY_HEADERS,
    Broken,
    Page,
    pages_of,
)
from tests.api.world import Browser, make_world
from tests.clocks import FakeClock
from tests.console import make_rollout
from tests.factories import make_passkey, make_web_session
from tests.staff import make_staff, make_staff_passkey

A_DAY, A_YEAR = timedelta(days=1), timedelta(days=365)


class Visitors:
    """Browsers of a person, of a member of staff and of nobody, for one page after another.

    Whoever sends forms has just come, from another address: then no limit of attempts is in the way.
    """

    def __init__(self, database: Database, clock: FakeClock, home: Path) -> None:
        self.world = make_world(database, clock, inbox=Inbox(home / "inbox.ndjson", clock))
        self.app: FastAPI = create_app(self.world.services)
        self._cohort_id = make_rollout(database, people=4)
        self._number = 0
        self._lookers: dict[str, Browser] = {}
        self.ids: dict[str, str] = {}

    def for_(self, page: Page, who: str = "") -> Browser:
        """A browser that is about to use this page; without a name, of somebody who may."""
        host = "staff" if page.path.startswith("/console") else "person"
        who = who or host
        if page.method == "GET" or who not in (host, "nobody"):
            return self._lookers.setdefault(who, self._lookers.get(who) or self.fresh(who))
        browser = self.fresh(who)
        if who == "person" and page.path.endswith("email/code"):
            browser.post("/account/email", email=f"new{self._number}@example.org")
        return browser

    def fresh(self, who: str) -> Browser:
        """A browser that has just come."""
        self._number += 1
        browser = self.world.browser(address=f"10.{self._number // 250}.{self._number % 250}.7")
        browser.client.headers["referer"] = f"{self.world.services.site.origin}/console"
        return {"nobody": self._nobody, "person": self._person, "staff": self._staff}[who](browser)

    def _nobody(self, browser: Browser) -> Browser:
        browser.ask_for_code(self.world.account().phone)
        return browser

    def _person(self, browser: Browser) -> Browser:
        account, now = self.world.account(), self.world.clock()
        self.ids |= {"account_id": account.account_id, "identifier": account.phone or ""}
        with self.world.database.transaction() as session:
            credential_id = to_text(account.account_id.encode())
            passkey = make_passkey(session, account.account_id, last_used_at=now, credential_id=credential_id)
            passkey_id = passkey.passkey_id
            signed = {"account_id": account.account_id, "method": Method.PASSKEY, "passkey_id": passkey_id}
            lasts = {"started_at": now, "expires_at": now + A_YEAR, "root": Root.HOST, "rooted_at": now}
            make_web_session(session, f"person-{self._number}", **signed, **lasts)
        self.ids["passkey_id"] = passkey_id
        browser.client.cookies.set("__Host-offramp", f"person-{self._number}")
        return browser

    def _staff(self, browser: Browser) -> Browser:
        now = self.world.clock()
        with self.world.database.transaction() as session:
            staff_id = make_staff(session, f"admin{self._number}@example.com", Role.ADMIN).staff_id
            passkey_id = make_staff_passkey(session, staff_id).passkey_id
            member = {"staff_id": staff_id, "passkey_id": passkey_id}
            started = staff_sessions.start(session, f"staff-{self._number}", now=now, **member)
            staff_sessions.step_up(session, started.session_id, at=now)
        self.ids |= member | {"account_id": self.world.account().account_id}
        browser.client.cookies.set("__Host-offramp-staff", f"staff-{self._number}")
        return browser

    def plausible(self, page: Page) -> dict[str, bytes]:
        """What somebody may type who means no harm."""
        known = self.ids | {
            "cohort_id": self._cohort_id,
            "cohort": self._cohort_id,
            "code": "123456",
            "reason": "they called",
            "once": "00000000-0000-4000-8000-000000000000",
            "seen": "1",
            "days": "30",
            "extend_by": "2 days",
            "description": 'name = "small"\n[[waves]]\npercent = 100\n',
            "email": "ada@example.org",
            "address": "grace@example.org",
            "typed": "ada@example.org",
        }
        some_id = "00000000-0000-7000-8000-000000000000"
        return {
            name: (page.choices[name][0] if page.choices[name] else known.get(name, some_id)).encode()
            for name in page.fields
        }


@pytest.fixture
def visitors(database: Database, clock: FakeClock, tmp_path: Path) -> Visitors:
    return Visitors(database, clock, tmp_path)


def odd_values(page: Page, plausible: dict[str, bytes], *, at_home: bool) -> Iterator[dict[str, bytes]]:
    """The fields of a page, each with every odd value in turn; whoever is not at home there is stopped before."""
    yield plausible
    if page.fields:
        yield from (dict.fromkeys(page.fields, value) for value in NASTY[:3])
    if at_home:
        yield from (plausible | {name: value} for name, value in product(page.fields, NASTY))


def send(browser: Browser, page: Page, values: dict[str, bytes]) -> Response:
    headers = {"content-type": FORM} if page.in_form else {}
    return browser.client.request(
        page.method, page.url(values), content=page.form(values) if page.in_form else None, headers=headers
    )


def test_the_pages_are_all_that_the_application_has(visitors: Visitors) -> None:
    routes = [route for router in routers(is_development=True) for route in router.routes]
    assert len(pages_of(visitors.app)) == len(routes) > 100


@pytest.mark.parametrize("who", ["nobody", "person", "staff"])
def test_no_value_of_a_field_breaks_a_page(visitors: Visitors, who: str) -> None:
    broken = Broken()
    for page in pages_of(visitors.app):
        browser = visitors.for_(page, who)
        at_home = page.path.startswith("/console") == (who == "staff")
        if who == "nobody" and page.path.startswith(("/account", "/setup")):
            at_home = False
        for values in odd_values(page, visitors.plausible(page), at_home=at_home):
            broken.watch(page, values, partial(send, browser, page, values))
    assert broken.requests == {}


def test_no_body_and_no_header_breaks_a_page(visitors: Visitors) -> None:
    broken = Broken()
    for number, page in enumerate(pages_of(visitors.app)):
        browser = visitors.for_(page)
        request = partial(browser.client.request, page.method, page.url(visitors.plausible(page)))
        # All pages read headers in the same few places, so each gets its share of them.
        for headers in NASTY_HEADERS[number % 3 :: 3]:
            broken.watch(page, headers, partial(request, headers=headers))
        for media_type, body in NASTY_BODIES:
            if not page.takes_body or page.takes_json != ("json" in media_type):
                continue
            typed = {"content-type": media_type}
            broken.watch(page, (media_type, body), partial(request, content=body, headers=typed))
    assert broken.requests == {}


@pytest.mark.parametrize("who", ["nobody", "person", "staff"])
def test_every_page_that_can_be_got_answers_a_head_as_well(visitors: Visitors, who: str) -> None:
    pages = [page for page in pages_of(visitors.app) if page.method == "GET"]
    for page in pages:
        browser = visitors.for_(page, who)
        url = page.url(visitors.plausible(page))
        got, head = browser.client.get(url), browser.client.head(url)
        assert (head.status_code, head.content) == (got.status_code, b""), page
        assert head.headers.get("content-type") == got.headers.get("content-type")
    assert len(pages) > 50
