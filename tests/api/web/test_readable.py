"""What cannot be read or kept ends at the door with a plain answer; what only looks odd is let in."""

import pytest

from domain.staff.staff import Role
from store import Database
from tests.api.staff.staff import at_desk
from tests.api.support_api.test_support_api import is_problem
from tests.api.world import JSON, Browser, World, make_world
from tests.clocks import FakeClock

FORM = b'--b\r\ncontent-disposition: form-data; name="typed"\r\n\r\n%s\r\n--b--\r\n'
AS_JSON = {"content-type": "application/json"} | JSON
SOMEBODY = "/v1/support/cases/00000000-0000-7000-8000-000000000000"


@pytest.fixture
def world(database: Database, clock: FakeClock) -> World:
    """On both kinds of database: each fails at other texts and numbers."""
    return make_world(database, clock)


@pytest.fixture
def browser(world: World) -> Browser:
    return at_desk(world, Role.ADMIN).browser


@pytest.mark.parametrize("text", [r"\ud800", r"\udc00\ud800", r"\u0000", r"\\\u0000", "\0"])
def test_half_a_letter_or_a_nul_in_a_passkeys_answer_is_not_read(browser: Browser, text: str) -> None:
    body = f'{{"id": "a", "response": {{"x": "{text}"}}}}'
    answer = browser.client.post("/sign-in/passkey", content=body, headers=AS_JSON)
    assert answer.status_code == 400
    assert answer.json()["error"]["title"] == "That could not be read"


@pytest.mark.parametrize("text", [r"\ud83d\ude00", r"\\u0000", r"\\\\u0000 \\ud800", "😀"])
def test_whole_letters_and_escapes_that_somebody_typed_are_read(browser: Browser, text: str) -> None:
    body = f'{{"text": "{text}"}}'
    assert browser.client.post("/v1/support/search", content=body, headers=AS_JSON).status_code == 200


@pytest.mark.parametrize("path", ["/console/adoption?cohort=%00", "/console/stuck?after=a%00b"])
def test_a_query_that_no_database_keeps_is_not_read(browser: Browser, path: str) -> None:
    assert browser.get(path).status_code == 400


@pytest.mark.parametrize("path", ["/console/cohorts/%00", "/console/cohorts/named/a%00b", "/static/%00"])
def test_nothing_has_an_address_with_a_nul_in_it(browser: Browser, path: str) -> None:
    answer = browser.get(path)
    assert (answer.status_code, "There is nothing here" in answer.text) == (404, True)


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/x-www-form-urlencoded", b"typed=a%00b"),
        ("application/x-www-form-urlencoded", b"typed=a\0b"),
        ("multipart/form-data; boundary=b", FORM % b"\0"),
        ("multipart/form-data; boundary=b; charset=utf-7", b"--b--\r\n"),
        ('multipart/form-data; boundary=b; charset="undefined"', b"--b--\r\n"),
    ],
)
def test_a_form_with_a_nul_or_in_another_encoding_is_not_read(
    browser: Browser, content_type: str, body: bytes
) -> None:
    answer = browser.client.post("/console/desk", content=body, headers={"content-type": content_type})
    assert answer.status_code == 400


def test_a_form_in_utf_8_may_say_so(browser: Browser) -> None:
    typed = {"content-type": 'multipart/form-data; charset="UTF-8"; boundary=b'}
    assert browser.client.post("/console/desk", content=FORM % b"ada", headers=typed).status_code == 200


@pytest.mark.parametrize("body", ["", "{", "{\xff", '{"text": NaN}', "[" * 300, '{"text": "\ufeff'])
def test_unreadable_json_gets_a_problem_of_its_own(browser: Browser, body: str) -> None:
    answer = browser.client.post("/v1/support/search", content=body.encode(), headers=AS_JSON)
    assert is_problem(answer)
    assert (answer.status_code, answer.json()["reason"]) in ((400, "unreadable"), (422, "malformed"))
    assert answer.status_code == (400 if body else 422)


@pytest.mark.parametrize("path", ["/v1", "/v1/", "/v1/nowhere", "/v1/support/nowhere", "/v1/%0A", "/v1/%00"])
def test_below_v1_a_path_that_is_not_there_is_a_problem(browser: Browser, path: str) -> None:
    for headers in ({}, {"accept": "text/html"}):
        answer = browser.get(path, **headers)
        assert is_problem(answer)
        assert (answer.status_code, answer.json()["reason"]) == (404, "no_such_route")


def test_below_v1_a_guards_refusal_is_a_problem(world: World, browser: Browser) -> None:
    foreign = {"origin": "https://evil.example"}
    for status, reason, headers, body in (
        (403, "other_site", foreign, b"{}"),
        (413, "too_large", {}, b" " * 70_000),
        (400, "unreadable", {}, b"{"),
    ):
        answer = browser.client.post("/v1/support/search", content=body, headers=AS_JSON | headers)
        assert is_problem(answer)
        assert (answer.status_code, answer.json()["reason"]) == (status, reason)
    assert browser.client.delete(SOMEBODY).json()["reason"] == "no_such_route"


@pytest.mark.parametrize(
    "query",
    [
        "after=100000000000000000000",
        "after=1e20",
        "after=-1",
        "since=2026-01-01T00:00:00",
        "since=0001-01-01T00:00:00%2B14:00",
        "since=1e400",
        "by=%00",
        "account_id=a%00b",
    ],
)
def test_a_number_or_an_instant_out_of_range_is_said_to_be_so(browser: Browser, query: str) -> None:
    answer = browser.get(f"/v1/support/audit?{query}")
    assert is_problem(answer)
    assert answer.status_code == (400 if "%00" in query else 422)


def test_a_list_begins_anew_after_a_mark_that_no_calendar_has(browser: Browser) -> None:
    for list_ in ("/v1/support/stuck", "/v1/support/exempt"):
        assert browser.get(f"{list_}?after=0001-01-01T00:00:00%2B14:00~x").status_code == 200


@pytest.mark.parametrize(
    "path", ["/healthz", "/readyz", "/sign-in", "/v1/openapi.json", "/static/offramp.css"]
)
def test_whoever_asks_for_the_head_of_a_page_gets_it(browser: Browser, path: str) -> None:
    got, head = browser.get(path), browser.client.head(path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == got.headers["content-length"] != "0"
    assert browser.client.head("/nowhere").status_code == 404


def test_a_referer_that_is_no_address_leads_to_the_first_page(world: World) -> None:
    at_desk(world, Role.ADMIN)
    answer = world.browser().post("/console/desk", headers={"referer": "http://["})
    assert answer.headers["location"] == "/console/sign-in?next=/console/home"
