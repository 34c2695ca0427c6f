"""While the database cannot be used, everybody is told calmly to come again, each in their own format."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from fastapi import FastAPI
from httpx2 import Response
from structlog.testing import capture_logs

from api.routers import routers
from api.v1 import v1
from store import Database
from tests.absences import nobody_there, only_read
from tests.api.host.keys import is_refused
from tests.api.web.odd_requests import Page, pages_of
from tests.api.world import JSON, World, make_world
from tests.clocks import FakeClock

TITLE = "Please come back in a moment"


@pytest.fixture
def world(sqlite_database: Database, clock: FakeClock) -> World:
    return make_world(sqlite_database, clock)


def pages() -> list[Page]:
    """All pages and all routes of the API; `/readyz` has answers of its own."""
    app = FastAPI()
    for router in routers(is_development=False):
        app.include_router(router)
    app.mount("/v1", v1())
    below = [
        Page(method=page.method, path=f"/v1{page.path}", in_path=page.in_path) for page in pages_of(v1())
    ]
    return [page for page in (*pages_of(app), *below) if page.path != "/readyz"]


def asked(world: World, page: Page) -> Response:
    """The answer to somebody who brings what makes the page look into the database."""
    browser = world.browser()
    for name in ("__Host-offramp", "__Host-offramp-staff", "__Host-offramp-browser", "__Host-offramp-door"):
        browser.client.cookies.set(name, "t" * 43)
    headers = {"authorization": "Bearer ofr_" + "t" * 43} if page.path.startswith("/v1") else {}
    values = dict.fromkeys(page.fields, b"11111111-1111-7111-8111-111111111111")
    kind = {"content-type": "application/x-www-form-urlencoded"} if page.in_form else {}
    content = page.form(values) if page.in_form else b"{}" if page.method != "GET" else None
    return browser.client.request(page.method, page.url(values), content=content, headers={**headers, **kind})


def test_no_page_and_no_route_breaks(world: World) -> None:
    broken, away = {}, 0
    with nobody_there(world.database), capture_logs() as lines:
        for page in pages():
            answer = asked(world, page)
            if answer.status_code == 503 and answer.headers.get("retry-after") == "10":
                away += 1
            elif answer.status_code >= 500:
                broken[str(page)] = answer.status_code
    assert broken == {}
    assert away > 60, "most routes need the database"
    assert not [line["event"] for line in lines if line["log_level"] in ("error", "critical")]


@pytest.mark.parametrize("absence", [nobody_there, only_read])
def test_a_person_gets_a_calm_page_that_leads_to_where_they_were(
    world: World, absence: Callable[[Database], AbstractContextManager[None]]
) -> None:
    browser = world.browser()
    with absence(world.database):
        answer = browser.client.post("/sign-in", data={"identifier": "+4915112345678"})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
    assert TITLE in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    for word in ("sqlite", "disk", "readonly", "Traceback"):
        assert word not in answer.text


def test_the_way_on_is_the_page_that_was_asked_for(world: World) -> None:
    browser = world.browser()
    browser.client.cookies.set("__Host-offramp-staff", "t" * 43)
    browser.client.cookies.set("__Host-offramp", "t" * 43)
    with nobody_there(world.database):
        assert 'href="/account?a=1&amp;b=&#34;2"' in browser.get("/account?a=1&b=%222").text.replace(
            "%22", "&#34;"
        )
        assert 'href="/console/stuck"' in browser.get("/console/stuck").text


def test_a_pages_script_gets_it_in_words(world: World) -> None:
    with nobody_there(world.database):
        answer = world.browser().client.post("/sign-in/passkey/options", json={}, headers=JSON)
    assert answer.status_code == 503
    assert (answer.json()["error"]["title"], answer.json()["error"]["reason"]) == (TITLE, "away")


def test_a_hosts_program_gets_a_problem_and_an_identity_system_its_own_error(world: World) -> None:
    headers = {"authorization": "Bearer ofr_" + "t" * 43}
    client = world.browser().client
    with nobody_there(world.database):
        problem = client.get("/v1/key", headers=headers)
        refusal = client.get("/v1/scim/v2/Users", headers=headers)
        named = client.post("/v1/events", json={}, headers=headers | {"idempotency-key": "a"})
    assert is_refused(problem, 503, "away")
    assert is_refused(named, 503, "away")
    assert refusal.headers["content-type"] == "application/scim+json"
    assert (refusal.status_code, refusal.json()["status"]) == (503, "503")
    assert {answer.headers["retry-after"] for answer in (problem, refusal, named)} == {"10"}


def test_programs_of_openid_connect_get_an_error_that_scripts_may_read(world: World) -> None:
    client = world.browser().client
    form = {"grant_type": "authorization_code", "code": "c" * 43, "client_id": "shop"}
    with nobody_there(world.database):
        answers = [
            client.post("/oidc/token", data=form),
            client.get("/oidc/userinfo", headers={"authorization": "Bearer " + "t" * 43}),
            client.get("/oidc/jwks"),
        ]
    for answer in answers:
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
        assert answer.json()["error"] == "temporarily_unavailable"
        assert answer.headers["access-control-allow-origin"] == "*"


def test_a_list_for_spreadsheets_is_no_half_file(world: World) -> None:
    browser = world.browser()
    browser.client.cookies.set("__Host-offramp-staff", "t" * 43)
    with nobody_there(world.database):
        answer = browser.get("/console/stuck/export")
    assert answer.status_code == 503
    assert "content-disposition" not in answer.headers
