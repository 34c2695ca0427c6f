"""What works once works once, also when it is tried several times at the same moment."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from httpx2 import Response

from domain.facts import SmsState
from domain.messages.messages import Template
from store import Database
from tests.api.world import Browser, World, make_world, shown_codes
from tests.clocks import FakeClock

AT_ONCE = 4


@pytest.fixture
def world(database: Database, clock: FakeClock) -> World:
    """On both kinds of database: only one of them locks rows."""
    return make_world(database, clock)


@pytest.fixture
def browser(world: World) -> Browser:
    return world.browser()


def all_at_once(act: Callable[[Browser], Response], browsers: list[Browser]) -> list[int]:
    """The statuses of one act by several browsers, in order."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return sorted(answer.status_code for answer in pool.map(act, browsers))


def same_browser(browser: Browser) -> list[Browser]:
    """One browser as it presses a button several times: each press has the cookies of before."""
    presses = [browser.world.browser() for _ in range(AT_ONCE)]
    for press in presses:
        press.client.cookies.update(browser.client.cookies)
    return presses


def test_a_recovery_code_signs_in_one_of_them(world: World, browser: Browser) -> None:
    account = world.account()
    browser.sign_in_by_code(account)
    code = shown_codes(browser.post("/setup/recovery-codes").text)[0]
    browsers = [world.browser() for _ in range(AT_ONCE)]
    statuses = all_at_once(
        lambda each: each.post("/sign-in/recovery", identifier=account.phone or "", code=code), browsers
    )
    assert statuses == [303, 400, 400, 400]
    assert world.facts(account).recovery_codes_left == 7


def test_a_device_link_lets_one_of_them_in(world: World, browser: Browser) -> None:
    browser.sign_in_by_code(world.account())
    match = re.search(r"token=([\w-]+)", browser.post("/setup/device").text)
    assert match
    browsers = [world.browser() for _ in range(AT_ONCE)]
    assert all_at_once(lambda each: each.post("/device", token=match[1]), browsers) == [303, 410, 410, 410]


def test_a_recovery_code_that_is_sent_several_times_at_once_is_used_once(
    world: World, browser: Browser
) -> None:
    account = world.account()
    browser.sign_in_by_code(account)
    code = shown_codes(browser.post("/setup/recovery-codes").text)[0]
    other = world.browser()
    other.get("/sign-in/recovery")
    presses = same_browser(other)
    statuses = all_at_once(
        lambda each: each.post("/sign-in/recovery", identifier=account.phone or "", code=code), presses
    )
    assert statuses == [303] * AT_ONCE
    assert len({press.session_id() for press in presses}) == 1
    assert world.facts(account).recovery_codes_left == 7
    assert "sign_in_failed" not in world.kinds(account)


def test_a_device_link_that_is_pressed_several_times_at_once_lets_its_browser_in(
    world: World, browser: Browser
) -> None:
    browser.sign_in_by_code(world.account())
    match = re.search(r"token=([\w-]+)", browser.post("/setup/device").text)
    assert match
    other = world.browser()
    other.get(f"/device?token={match[1]}")
    presses = same_browser(other)
    assert all_at_once(lambda each: each.post("/device", token=match[1]), presses) == [303] * AT_ONCE
    assert len({press.session_id() for press in presses}) == 1


def test_an_address_is_verified_once_by_a_code_that_is_sent_several_times_at_once(
    world: World, browser: Browser
) -> None:
    account = world.account()
    browser.sign_in_by_code(account)
    browser.post("/setup/email", email=account.email or "")
    code = world.secret(account, Template.VERIFY_EMAIL)["code"]
    presses = same_browser(browser)
    answers = all_at_once(lambda each: each.post("/setup/email/code", code=code), presses)
    assert answers == [303] * AT_ONCE
    assert world.kinds(account).count("email_verified") == 1


def test_a_code_that_is_sent_several_times_at_once_signs_in_once(world: World, browser: Browser) -> None:
    account = world.account()
    browser.ask_for_code(account.phone)
    browser.get("/sign-in/code")
    code, presses = world.code(account), same_browser(browser)
    assert all_at_once(lambda each: each.post("/sign-in/code", code=code), presses) == [303] * AT_ONCE
    assert len({press.session_id() for press in presses}) == 1
    assert world.kinds(account).count("signed_in") == 1
    assert "sign_in_failed" not in world.kinds(account)


def test_one_passkey_does_not_go_to_two_accounts(world: World) -> None:
    browsers = [world.browser() for _ in range(AT_ONCE)]
    for browser in browsers:
        browser.sign_in_by_code(world.account())
    authenticator = world.authenticator()
    challenges = [browser.send("/passkeys/options").json() for browser in browsers]
    answers = [authenticator.create(options) for options in challenges]
    for answer in answers:
        # All name the credential of the first, each with its own challenge: no signature covers that.
        answer["response"]["attestationObject"] = answers[0]["response"]["attestationObject"]
        answer |= {name: answers[0][name] for name in ("id", "rawId")}
    by_browser = {browser.session_id(): answer for browser, answer in zip(browsers, answers, strict=True)}
    statuses = all_at_once(lambda each: each.send("/passkeys", by_browser[each.session_id()]), browsers)
    assert statuses == [200, 400, 400, 400]


def test_the_last_two_passkeys_are_not_both_removed(world: World, browser: Browser) -> None:
    account = world.account()
    browser.sign_in_by_code(account)
    for _ in range(2):
        browser.make_passkey(world.authenticator())
        browser.prove_passkey()
    ids = re.findall(r"/account/passkeys/([\w-]+)/remove", browser.get("/account").text)
    bystander = world.browser()
    bystander.sign_in_by_code(account)
    world.set_sms(account, SmsState.SUSPENDED)
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda each: bystander.post(f"/account/passkeys/{each}/remove"), ids))
    assert sorted(answer.status_code for answer in answers) == [303, 409]
    assert world.facts(account).proven_passkeys == 1
