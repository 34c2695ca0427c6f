"""What people see who may type no more codes at the moment, and how a browser stays known."""

from datetime import timedelta
from http.cookies import SimpleCookie

import pytest
from httpx2 import Response

from domain.codes import TRIES
from domain.messages.messages import Template
from domain.safety.guessing import CEILING, KNOWN_FOR
from providers.software_authenticator import Authenticator
from store.messages import messages
from tests.api.world import Browser, World, shown_codes

COOKIE = "__Host-offramp-browser"
UNKNOWN = "+4915199999999"


def wrong_codes(world: World, contact: str | None, times: int = TRIES + 1) -> Response:
    """A stranger types wrong codes, as soon as each is taken; returns the answer to one more, in a fresh browser."""
    for number in range(times):
        stranger = world.browser(address=f"203.0.114.{number}")
        stranger.ask_for_code(contact)
        assert stranger.post("/sign-in/code", code="no digits").status_code == 400
        world.clock.advance(timedelta(minutes=6 if number < TRIES else 180))
    stranger = world.browser(address="203.0.115.1")
    if times < CEILING:
        stranger.ask_for_code(contact)
        stranger.post("/sign-in/code", code="no digits")
    return stranger.ask_for_code(contact)


def test_whoever_has_to_wait_reads_what_is_open_with_the_passkey_first(world: World) -> None:
    answer = wrong_codes(world, world.account().phone)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "61")
    assert "please wait 2 minutes" in answer.text
    ways = ("data-passkey-sign-in", "/sign-in/recovery", "/sign-in/link")
    places = [answer.text.index(way) for way in ways]
    assert places == sorted(places)


@pytest.mark.parametrize("times", [TRIES + 1, CEILING])
def test_the_page_is_the_same_for_a_contact_that_nobody_has(world: World, times: int) -> None:
    known, unknown = (wrong_codes(world, contact, times) for contact in (world.account().phone, UNKNOWN))
    assert known.status_code == unknown.status_code == 429
    if times < CEILING:
        assert known.text == unknown.text


def test_a_closed_route_names_the_ways_that_are_open_and_no_wait(world: World) -> None:
    answer = wrong_codes(world, world.ready_account().phone, CEILING)
    assert "retry-after" not in answer.headers
    assert "stay closed until you have signed in another way" in answer.text


def test_a_link_by_e_mail_lets_codes_be_typed_in_the_browser_that_opens_it(
    world: World, browser: Browser
) -> None:
    account = world.account(email_verified_at=world.clock())
    assert wrong_codes(world, account.phone).status_code == 429
    assert browser.ask_for_code(account.phone).status_code == 429
    assert browser.get("/sign-in/link").status_code == 200
    asked = browser.post("/sign-in/link", identifier=account.phone or "")
    assert "a link is on its way" in browser.follow(asked).text
    with world.database.reading() as session:
        sent = messages.of_account(session, account.account_id)
    (letter,) = [message for message in sent if message.template == Template.SIGN_IN_LINK]
    assert letter.values["hours"] == "24"
    path = world.secret(account, Template.SIGN_IN_LINK)["link"].removeprefix(world.services.site.origin)
    assert "Yes, go on here" in browser.get(path).text
    opened = browser.post("/sign-in/link/open", token=path.rpartition("=")[2])
    assert opened.headers["location"] == "/sign-in"
    assert browser.get("/account").headers["location"] == "/sign-in"  # it has signed nobody in
    assert browser.sign_in_by_code(account).status_code == 303
    world.clock.advance(timedelta(minutes=2))
    assert browser.get(path).status_code == 410


def test_asking_for_a_link_tells_nobody_who_exists(world: World) -> None:
    account = world.account(email_verified_at=world.clock())
    answers = [
        world.browser().post("/sign-in/link", identifier=contact or "")
        for contact in (account.phone, UNKNOWN)
    ]
    assert answers[0].text == answers[1].text
    assert world.browser().post("/sign-in/link", identifier="nobody").status_code == 400


def test_every_way_of_signing_in_makes_a_browser_known(
    world: World, browser: Browser, phone: Authenticator
) -> None:
    account = world.account()
    browser.sign_in_by_code(account)
    codes = shown_codes(browser.post("/setup/recovery-codes").text)
    browser.make_passkey(phone)
    recovered, passed = world.browser(), world.browser()
    recovered.post("/sign-in/recovery", identifier=account.phone or "", code=codes[0])
    passed.sign_in_by_passkey(phone)
    tokens = {signed_in.client.cookies[COOKIE] for signed_in in (browser, recovered, passed)}
    assert len(tokens) == 3


def test_a_device_link_makes_no_browser_known_until_its_passkey_signs_in(
    world: World, browser: Browser
) -> None:
    browser.sign_in_by_code(world.account())
    token = browser.post("/setup/device").text.partition("token=")[2][:43]
    tablet = world.browser()
    tablet.post("/device", token=token)
    assert COOKIE not in tablet.client.cookies
    tablet.make_passkey(world.authenticator())
    tablet.prove_passkey()
    assert COOKIE in tablet.client.cookies


def test_the_cookie_outlives_the_session_and_no_script_reads_it(world: World, browser: Browser) -> None:
    answer = browser.sign_in_by_code(world.account())
    headers = [value for name, value in answer.headers.multi_items() if name == "set-cookie"]
    (cookie,) = (SimpleCookie(value)[COOKIE] for value in headers if COOKIE in value)
    assert (cookie["httponly"], cookie["secure"], cookie["path"], cookie["samesite"]) == (
        True,
        True,
        "/",
        "lax",
    )
    assert int(cookie["max-age"]) == KNOWN_FOR.total_seconds()
    browser.post("/sign-out")
    assert COOKIE in browser.client.cookies


def test_a_planted_cookie_is_replaced_at_the_sign_in(world: World, browser: Browser) -> None:
    browser.client.cookies.set(COOKIE, "planted", domain="accounts.example.test", path="/")
    browser.sign_in_by_code(world.account())
    tokens = {cookie.value for cookie in browser.client.cookies.jar if cookie.name == COOKIE}
    assert "planted" not in tokens


def test_a_passkey_signs_in_beside_strangers_at_the_same_address(
    world: World, browser: Browser, phone: Authenticator
) -> None:
    browser.sign_in_by_code(world.account())
    browser.make_passkey(phone)
    browser.post("/sign-out")
    stranger = world.browser()
    for _ in range(301):
        answer = stranger.send("/sign-in/passkey/options")
    assert answer.status_code == 429
    assert browser.sign_in_by_passkey(phone).status_code == 200
