"""A slow network and a second press: the same one-time secret from the same browser gets its first answer again."""

import re
from datetime import timedelta
from typing import Any

import pytest
from httpx2 import Response
from sqlmodel import select

from domain.messages.messages import Template
from services.people.first_answers import GIVEN_AGAIN_FOR
from store import housekeeping
from store.people.accounts import Account
from store.people.first_answers import FirstAnswer
from tests.api.world import Browser, World, shown_codes

SECOND = timedelta(seconds=1)
COOKIE = "__Host-offramp"


def lose_answer(browser: Browser, path: str, **form: Any) -> Response:
    """Press a button whose answer never arrives: the browser keeps the cookies that it had."""
    before = dict(browser.client.cookies.items())
    answer = browser.post(path, **form)
    browser.client.cookies.clear()
    browser.client.cookies.update(before)
    return answer


def session_in(answer: Response) -> str:
    match = re.search(rf"{COOKIE}=([^;]+)", ";".join(answer.headers.get_list("set-cookie")))
    assert match, answer.headers
    return match[1]


@pytest.fixture
def codes(world: World) -> tuple[Account, list[str]]:
    """A person and their recovery codes."""
    account, browser = world.account(), world.browser()
    browser.sign_in_by_code(account)
    return account, shown_codes(browser.post("/setup/recovery-codes").text)


def test_a_code_whose_answer_got_lost_signs_in_by_the_second_press(world: World, browser: Browser) -> None:
    account = world.account()
    browser.ask_for_code(account.phone)
    browser.get("/sign-in/code")
    code = world.code(account)
    lost = lose_answer(browser, "/sign-in/code", code=code)
    world.clock.advance(GIVEN_AGAIN_FOR - SECOND)
    assert "Type the code" in browser.get("/sign-in/code").text
    again = browser.post("/sign-in/code", code=f"{code[:3]} {code[3:]}")
    assert again.headers["location"] == lost.headers["location"] == "/setup"
    assert session_in(again) == session_in(lost)
    assert browser.get("/account").status_code == 200
    assert world.kinds(account).count("signed_in") == 1


def test_a_press_after_the_answer_has_arrived_leads_where_the_first_led(
    world: World, browser: Browser
) -> None:
    account = world.account()
    browser.ask_for_code(account.phone)
    browser.get("/sign-in/code")
    code = world.code(account)
    first = browser.post("/sign-in/code", code=code)
    again = browser.post("/sign-in/code", code=code)
    assert (again.headers["location"], session_in(again)) == (first.headers["location"], session_in(first))


def test_after_a_minute_the_code_is_used(world: World, browser: Browser) -> None:
    account = world.account()
    browser.ask_for_code(account.phone)
    browser.get("/sign-in/code")
    code = world.code(account)
    lose_answer(browser, "/sign-in/code", code=code)
    world.clock.advance(GIVEN_AGAIN_FOR)
    assert "no longer works" in browser.post("/sign-in/code", code=code).text
    assert browser.get("/account").headers["location"] == "/sign-in"


def test_a_thief_of_the_code_in_another_browser_gets_nothing(world: World, browser: Browser) -> None:
    account = world.account()
    browser.ask_for_code(account.phone)
    browser.get("/sign-in/code")
    code = world.code(account)
    browser.post("/sign-in/code", code=code)
    thief = world.browser()
    thief.ask_for_code(account.phone)
    thief.get("/sign-in/code")
    assert thief.post("/sign-in/code", code=code).status_code == 400
    assert thief.get("/account").headers["location"] == "/sign-in"


def test_a_session_that_was_ended_is_not_revived(world: World, browser: Browser) -> None:
    account = world.account()
    browser.ask_for_code(account.phone)
    browser.get("/sign-in/code")
    code = world.code(account)
    browser.post("/sign-in/code", code=code)
    browser.post("/sign-out")
    assert "no longer works" in browser.post("/sign-in/code", code=code).text
    assert browser.get("/account").headers["location"] == "/sign-in"


def test_one_wrong_code_ends_the_minute(world: World, browser: Browser) -> None:
    account = world.account()
    browser.ask_for_code(account.phone)
    browser.get("/sign-in/code")
    code = world.code(account)
    lose_answer(browser, "/sign-in/code", code=code)
    browser.post("/sign-in/code", code="000000" if code != "000000" else "000001")
    assert "no longer works" in browser.post("/sign-in/code", code=code).text


def test_a_second_press_does_not_burn_a_second_recovery_code(
    world: World, browser: Browser, codes: tuple[Account, list[str]]
) -> None:
    account, (code, other, *_) = codes
    phone = account.phone or ""
    browser.get("/sign-in/recovery")
    lost = lose_answer(browser, "/sign-in/recovery", identifier=phone, code=code)
    again = browser.post("/sign-in/recovery", identifier=phone, code=code.upper().replace("-", " "))
    assert session_in(again) == session_in(lost)
    assert world.facts(account).recovery_codes_left == 7
    third = world.browser().post("/sign-in/recovery", identifier=phone, code=other)
    assert third.status_code == 303


def test_a_second_press_does_not_put_another_persons_session_aside(
    world: World, browser: Browser, codes: tuple[Account, list[str]]
) -> None:
    account, (code, *_) = codes
    phone = account.phone or ""
    browser.get("/sign-in/recovery")
    lose_answer(browser, "/sign-in/recovery", identifier=phone, code=code)
    other = world.account()
    browser.sign_in_by_code(other)
    session_id = browser.session_id()
    assert browser.post("/sign-in/recovery", identifier=phone, code=code).status_code == 400
    assert browser.session_id() == session_id


def test_a_device_link_lets_its_browser_in_though_the_answer_got_lost(world: World, browser: Browser) -> None:
    browser.sign_in_by_code(world.account())
    match = re.search(r"token=([\w-]+)", browser.post("/setup/device").text)
    assert match
    device = world.browser()
    device.get(f"/device?token={match[1]}")
    lost = lose_answer(device, "/device", token=match[1])
    assert "Yes, add this device" in device.get(f"/device?token={match[1]}").text
    again = device.post("/device", token=match[1])
    assert again.headers["location"] == "/device/passkey"
    assert session_in(again) == session_in(lost)
    assert world.browser().post("/device", token=match[1]).status_code == 410


def test_a_link_that_makes_a_browser_known_may_be_pressed_twice(world: World, browser: Browser) -> None:
    account = world.account(email_verified_at=world.clock())
    browser.post("/sign-in/link", identifier=account.phone or "")
    path = world.secret(account, Template.SIGN_IN_LINK)["link"].removeprefix(world.services.site.origin)
    browser.get(path)
    for _ in range(2):
        assert "Yes, go on here" in browser.get(path).text
        opened = lose_answer(browser, "/sign-in/link/open", token=path.rpartition("=")[2])
        assert opened.headers["location"] == "/sign-in"


def test_an_address_is_confirmed_by_a_second_press_too(world: World, browser: Browser) -> None:
    account = world.account()
    browser.sign_in_by_code(account)
    browser.post("/setup/email", email=account.email or "")
    secret = world.secret(account, Template.VERIFY_EMAIL)
    for _ in range(2):
        assert browser.post("/setup/email/code", code=secret["code"]).headers["location"] == "/setup"
    assert world.kinds(account).count("email_verified") == 1
    assert "sign_in_failed" not in world.kinds(account)


def test_a_link_that_verifies_an_address_may_be_pressed_twice(world: World, browser: Browser) -> None:
    account = world.account()
    browser.sign_in_by_code(account)
    browser.post("/setup/email", email=account.email or "")
    path = world.secret(account, Template.VERIFY_EMAIL)["link"].removeprefix(world.services.site.origin)
    elsewhere = world.browser()
    elsewhere.get(path)
    for _ in range(2):
        # Whoever saw no answer opens the e-mail's link again.
        assert (account.email or "none") in elsewhere.get(path).text
        answer = lose_answer(elsewhere, "/verify-email", token=path.rpartition("=")[2])
        assert answer.headers["location"] == "/verify-email/done"
    world.clock.advance(GIVEN_AGAIN_FOR)
    assert elsewhere.get(path).status_code == 410
    assert world.kinds(account).count("email_verified") == 1
    assert world.reload(account.account_id).email == account.email


def test_no_token_lies_open_in_what_is_kept(world: World, browser: Browser) -> None:
    account = world.account()
    browser.ask_for_code(account.phone)
    browser.get("/sign-in/code")
    code = world.code(account)
    browser.post("/sign-in/code", code=code)
    with world.database.reading() as session:
        kept = session.exec(select(FirstAnswer)).one()
    assert browser.cookie() not in repr(kept)
    assert code not in repr(kept.sealed)
    with world.database.transaction() as session:
        housekeeping.clear(session, now=world.clock() + GIVEN_AGAIN_FOR + SECOND)
    with world.database.reading() as session:
        assert session.exec(select(FirstAnswer)).first() is None
