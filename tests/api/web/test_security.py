"""What every request must be, and what every response says to the browser."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from httpx2 import Response

import api
from providers.software_authenticator import Authenticator
from tests.api.world import ORIGIN, Browser, World, make_world

PAGES = [
    "/sign-in",
    "/sign-in/recovery",
    "/setup/email",
    "/setup/passkey",
    "/setup/prove",
    "/setup/second",
    "/setup/done",
    "/setup/cannot",
    "/setup/recovery-codes",
    "/account",
    "/nowhere",
]


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://accounts.example.test"},
        {"origin": f"{ORIGIN}.evil.example"},
        {"origin": "", "sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {},
    ],
)
def test_a_request_from_another_site_changes_nothing(world: World, headers: dict[str, str]) -> None:
    account = world.account()
    browser = world.browser()
    del browser.client.headers["origin"]
    answer = browser.client.post("/sign-in", data={"identifier": account.phone or ""}, headers=headers)
    assert answer.status_code == 403
    assert answer.headers["content-security-policy"]
    assert world.templates(account) == []


def test_without_an_origin_the_browsers_own_word_counts(world: World) -> None:
    browser = world.browser()
    del browser.client.headers["origin"]
    answer = browser.post("/sign-in", headers={"sec-fetch-site": "same-origin"}, identifier="+4915112345678")
    assert answer.status_code == 303


def test_a_large_body_is_refused(browser: Browser) -> None:
    assert browser.post("/sign-in", identifier="x" * 70_000).status_code == 413


def test_a_large_body_in_chunks_is_refused(browser: Browser) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(20):
            yield b"x" * 4096

    answer = browser.client.post("/sign-in", content=chunks())
    assert answer.status_code == 413


def test_a_body_that_is_just_small_enough_is_read(browser: Browser) -> None:
    assert browser.post("/sign-in", identifier="x" * 60_000).status_code == 400


@pytest.mark.parametrize("path", ["/sign-in", "/sign-in/code", "/verify-email", "/device", "/setup/later"])
def test_malformed_forms_are_refused(browser: Browser, path: str) -> None:
    headers = {"content-type": "multipart/form-data; boundary=x"}
    answer = browser.client.post(path, content=b"--x\r\nnonsense", headers=headers)
    assert 300 <= answer.status_code < 500


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/sign-in", b"identifier=%ff%fe%00"),
        ("/sign-in", b"identifier=%00%40example.org"),
        ("/sign-in/recovery", b"identifier=a%40example.org&code=%ed%a0%80"),
        ("/verify-email", b"token=%ed%a0%80"),
        ("/device", b"token=%00"),
    ],
)
def test_bytes_that_are_no_text_do_no_harm(browser: Browser, path: str, body: bytes) -> None:
    headers = {"content-type": "application/x-www-form-urlencoded"}
    answer = browser.client.post(path, content=body, headers=headers)
    page = browser.follow(answer) if answer.is_redirect else answer
    assert 400 <= page.status_code < 500


@pytest.mark.parametrize("body", [b"{", b'{"id": "\\ud800", "response": {}}', b"\xff", b"[" * 5000, b"1e999"])
def test_json_that_is_none_does_no_harm(world: World, browser: Browser, body: bytes) -> None:
    browser.sign_in_by_code(world.account())
    headers = {"content-type": "application/json", "accept": "application/json"}
    for path in ("/sign-in/passkey", "/passkeys", "/setup/seen", "/ceremony/failed"):
        answer = browser.client.post(path, content=body, headers=headers)
        assert answer.status_code == 400
        assert answer.json()["error"]["text"]


def test_an_unknown_path_or_method_is_a_calm_page(browser: Browser) -> None:
    assert "nothing here" in browser.get("/nowhere").text
    assert browser.get("/sign-in/").status_code == 404
    answer = browser.get("/sign-out")
    assert answer.status_code == 405
    assert "cannot be done here" in answer.text


def test_the_cookie_is_out_of_reach_on_https(world: World, browser: Browser) -> None:
    cookie = browser.ask_for_code("+4915112345678").headers["set-cookie"]
    assert cookie.startswith("__Host-offramp=")
    for attribute in ("HttpOnly", "Path=/", "SameSite=lax", "Secure"):
        assert attribute in cookie
    assert "Domain" not in cookie


def test_the_cookie_has_a_plain_name_without_https(world: World) -> None:
    local = make_world(world.database, world.clock, origin="http://localhost:8400", secure=False)
    browser = local.browser(origin="http://localhost:8400")
    answer = browser.ask_for_code("+4915112345678")
    assert answer.headers["set-cookie"].startswith("offramp=")
    assert "Secure" not in answer.headers["set-cookie"]
    assert "strict-transport-security" not in answer.headers


def test_every_page_carries_the_headers_and_nothing_inline(
    world: World, browser: Browser, phone: Authenticator
) -> None:
    for answer in every_page(world, browser, phone):
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert answer.headers["cache-control"] == "no-store"
        assert "max-age" in answer.headers["strict-transport-security"]
        assert inline_parts(answer.text) == []


def test_every_page_has_a_title_a_language_and_labels_for_its_fields(
    world: World, browser: Browser, phone: Authenticator
) -> None:
    for answer in every_page(world, browser, phone):
        page = Page(answer.text)
        assert page.titles == 1
        assert page.headings == 1
        assert 'lang="en"' in answer.text
        assert page.fields <= page.labelled


def test_static_files_are_asked_about_each_time(browser: Browser) -> None:
    answer = browser.get("/static/offramp.css")
    assert answer.headers["cache-control"] == "no-cache"
    assert browser.get("/static/offramp.css", **{"if-none-match": answer.headers["etag"]}).status_code == 304
    assert browser.get("/static/../app.py").status_code == 404


def test_there_is_no_script_or_style_that_a_page_does_not_have() -> None:
    rooms = Path(api.__file__).parent
    pages = "".join(page.read_text() for page in (rooms / "templates").rglob("*.html"))
    scripts = "".join(script.read_text() for script in (rooms / "static").glob("*.js"))
    for name in re.findall(r"/static/([\w.-]+)", pages):
        assert (rooms / "static" / name).exists()
    for script in (rooms / "static").glob("*.js"):
        assert script.name in pages + scripts


def every_page(world: World, browser: Browser, phone: Authenticator) -> list[Response]:
    """All pages, as somebody sees them who is in the middle of it."""
    account = world.account()
    answers = [browser.get("/sign-in")]
    browser.ask_for_code(account.phone)
    answers += [browser.get("/sign-in/code"), browser.post("/sign-in/code", code="1")]
    browser.sign_in_by_code(account)
    browser.post("/setup/email", email=account.email or "")
    answers.append(browser.get("/setup/email/code"))
    browser.make_passkey(phone)
    answers += [browser.post("/setup/device"), browser.post("/setup/recovery-codes")]
    answers += [browser.get(path) for path in PAGES]
    return [answer for answer in answers if answer.status_code != 303]


def inline_parts(html: str) -> list[str]:
    """Whatever a strict policy would block."""
    patterns = (r"<script(?![^>]*\bsrc=)[^>]*>", r"<style\b", r"\sstyle=", r"\son[a-z]+=", r"javascript:")
    return [part for pattern in patterns for part in re.findall(pattern, html, re.IGNORECASE)]


class Page(HTMLParser):
    """Counts what an accessible page needs."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.titles = self.headings = 0
        self.fields: set[str] = set()
        self.labelled: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        self.titles += tag == "title"
        self.headings += tag == "h1"
        if tag == "label" and said.get("for"):
            self.labelled.add(said["for"] or "")
        if tag == "input" and said.get("type") not in ("hidden", "radio"):
            self.fields.add(said.get("id") or "")
