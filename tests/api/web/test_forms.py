"""No form is answered by a page: reload, back and forward send nothing again, and what a form came to is said once."""

from http.cookies import Morsel, SimpleCookie
from typing import Any

import pytest
from fastapi.routing import APIRoute
from httpx2 import Response

from api.routers import routers
from api.web.remarks import KEPT_FOR
from domain.staff.staff import Role
from tests.api.staff.staff import at_desk
from tests.api.world import ORIGIN, Browser, World, shown_codes

NOBODY = "0190a1b2-0000-7000-8000-000000000000"
REMARK = "__Host-offramp-remark"
PROGRAMS = ("/callbacks/", "/v1/", "/no-reminders/")
SEARCHES = ("/console/desk", "/console/desk/results")
FORM: dict[str, Any] = {
    "identifier": "nobody",
    "code": "12",
    "email": "nobody",
    "address": "nobody",
    "token": "none",
    "reason": "",
    "role": "viewer",
    "seen": "1",
    "once": NOBODY,
    "outcome": "upheld",
    "description": "nothing",
}


def forms() -> list[str]:
    """The path of everything that takes a form, with ids of nobody."""
    routes = [route for router in routers(is_development=False) for route in router.routes]
    posted = [route for route in routes if isinstance(route, APIRoute) and "POST" in (route.methods or ())]
    paths = [route.path for route in posted if not route.path.startswith(PROGRAMS)]
    filled = [
        "/".join(NOBODY if part.startswith("{") else part for part in path.split("/")) for path in paths
    ]
    assert len(filled) > 60
    return [path for path in filled if path not in SEARCHES]


def remark(answer: Response) -> "Morsel[str]":
    """The cookie in which something is to be said."""
    jar = SimpleCookie()
    for header in answer.headers.get_list("set-cookie"):
        jar.load(header)
    cookie: Morsel[str] = jar[REMARK]
    return cookie


def wrong_contact(browser: Browser, typed: str = "no contact") -> Response:
    return browser.client.post("/sign-in", data={"identifier": typed})


@pytest.mark.parametrize("who", ["stranger", "person", *Role])
def test_whatever_a_form_comes_to_a_page_is_opened_after_it(world: World, who: str) -> None:
    browser = world.browser()
    if who == "person":
        browser.sign_in_by_code(world.account())
    elif who != "stranger":
        browser = at_desk(world, Role(who)).browser
    cookies = dict(browser.client.cookies.items())
    for path in forms():
        browser.client.cookies.clear()
        browser.client.cookies.update(cookies)
        for form in ({}, FORM):
            answer = browser.client.post(path, data=form)
            assert "html" not in answer.headers.get("content-type", ""), path
            if answer.status_code == 303:
                assert browser.follow(answer).status_code < 500, path


def test_a_reload_says_nothing_again(browser: Browser) -> None:
    answer = wrong_contact(browser)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    said = browser.follow(answer)
    assert said.status_code == 400
    assert 'role="alert"' in said.text
    assert 'value="no contact"' in said.text
    reloaded = browser.get("/sign-in")
    assert reloaded.status_code == 200
    assert 'role="alert"' not in reloaded.text


def test_another_page_does_not_say_it_and_leaves_it_to_its_own(browser: Browser) -> None:
    wrong_contact(browser)
    assert 'role="alert"' not in browser.get("/sign-in/recovery").text
    assert 'role="alert"' in browser.get("/sign-in").text


def test_a_reload_of_a_wrong_code_burns_no_try(world: World, browser: Browser) -> None:
    account = world.account()
    browser.ask_for_code(account.phone)
    assert "4 tries left" in browser.post("/sign-in/code", code="12").text
    for _ in range(9):
        assert 'role="alert"' not in browser.get("/sign-in/code").text
    assert "3 tries left" in browser.post("/sign-in/code", code="12").text


def test_no_script_and_no_other_site_has_what_is_said(browser: Browser) -> None:
    cookie = remark(wrong_contact(browser))
    assert (cookie["httponly"], cookie["secure"], cookie["samesite"]) == (True, True, "strict")
    assert "no contact" not in cookie.value
    assert int(cookie["max-age"]) == KEPT_FOR.total_seconds()
    taken_away = remark(browser.get("/sign-in"))
    assert (taken_away.value, taken_away["max-age"]) == ("", "0")


@pytest.mark.parametrize("letter", ["x", "ü", "😀", '"', "\x01"])
def test_the_longest_contact_fits_and_what_does_not_fit_is_explained(browser: Browser, letter: str) -> None:
    answer = wrong_contact(browser, letter * 320)
    assert len(answer.headers["set-cookie"]) < 4096
    assert browser.follow(answer).status_code == 400


def test_what_somebody_else_has_sealed_or_kept_for_too_long_is_not_said(
    world: World, browser: Browser
) -> None:
    cookie = remark(wrong_contact(browser)).value
    for forged in ("x", cookie[:-4] + "AAAA", world.services.seal.close('{"page": "/sign-in"}').decode()):
        browser.client.cookies.set(REMARK, forged, domain=ORIGIN.removeprefix("https://"))
        assert browser.get("/sign-in").status_code == 200
    browser.client.cookies.clear()
    wrong_contact(browser)
    world.clock.advance(KEPT_FOR * 1.01)
    assert browser.get("/sign-in").status_code == 200


def test_a_refusal_is_said_on_a_page_of_its_own_and_a_reload_goes_to_the_start(
    world: World, browser: Browser
) -> None:
    browser.sign_in_by_code(world.account())
    answer = browser.client.post(f"/account/passkeys/{NOBODY}/remove")
    assert (answer.status_code, answer.headers["location"]) == (303, "/refused")
    assert browser.follow(answer).status_code == 404
    assert browser.get("/refused").headers["location"] == "/"


def test_recovery_codes_are_shown_to_their_own_session_alone(world: World, browser: Browser) -> None:
    browser.sign_in_by_code(world.account())
    cookie = remark(browser.client.post("/setup/recovery-codes")).value
    other = world.browser()
    other.sign_in_by_code(world.account())
    other.post("/setup/recovery-codes")
    other.client.cookies.set(REMARK, cookie, domain=ORIGIN.removeprefix("https://"))
    assert shown_codes(other.get("/setup/recovery-codes").text) == []
    assert len(shown_codes(browser.get("/setup/recovery-codes").text)) == 8
    assert shown_codes(browser.get("/setup/recovery-codes").text) == []


def test_a_reload_of_the_device_link_shows_the_same_link_while_it_works(
    world: World, browser: Browser
) -> None:
    browser.sign_in_by_code(world.account())
    pages = [browser.post("/setup/device").text] + [browser.get("/setup/device").text for _ in range(2)]
    assert "/device?token=" in pages[0]
    assert len(set(pages)) == 1
    world.clock.advance(KEPT_FOR * 1.01)
    assert browser.get("/setup/device").headers["location"] == "/setup/second"


def test_a_script_gets_its_answer_at_once(browser: Browser) -> None:
    answer = browser.send("/passkeys/options")
    assert (answer.status_code, answer.json()["error"]["next"]) == (401, "/sign-in")
