"""Another device, by a single-use link that opens no more than that."""

import re

import pytest

from domain.codes import DEVICE_LINK_LIFETIME, DEVICE_SESSION_LIFETIME
from providers.software_authenticator import Authenticator
from store.people import passkeys
from store.people.accounts import Account
from tests.api.world import Browser, World


@pytest.fixture
def account(world: World) -> Account:
    return world.account(policy=None)


def make_link(browser: Browser) -> str:
    page = browser.post("/setup/device").text
    assert "<svg" in page
    match = re.search(r"/device\?token=([\w-]+)", page)
    assert match
    return match[1]


def test_the_whole_way_of_a_second_device(
    world: World, browser: Browser, account: Account, phone: Authenticator
) -> None:
    browser.sign_in_by_code(account)
    began = world.clock()
    token, second = make_link(browser), world.browser()
    assert "p•••@example.org" in second.get(f"/device?token={token}").text
    assert second.post("/device", token=token).headers["location"] == "/device/passkey"
    assert second.make_passkey(phone).json() == {"next": "/device/prove"}
    assert browser.get("/setup/status").json()["passkeys"] == 1
    assert second.prove_passkey().json() == {"next": "/device/done"}
    assert second.get("/device/done").status_code == 200
    assert world.facts(account).proven_passkeys == 1
    assert world.facts(account).passkey_rooted_in_sms_at == began
    assert "device_link_made" in world.kinds(account)


def test_a_link_works_once(world: World, browser: Browser, account: Account) -> None:
    browser.sign_in_by_code(account)
    token = make_link(browser)
    assert world.browser().post("/device", token=token).status_code == 303
    assert world.browser().post("/device", token=token).status_code == 410
    assert world.browser().get(f"/device?token={token}").status_code == 410


def test_a_link_expires_and_a_newer_one_voids_it(world: World, browser: Browser, account: Account) -> None:
    browser.sign_in_by_code(account)
    old = make_link(browser)
    new = make_link(browser)
    assert world.browser().get(f"/device?token={old}").status_code == 410
    world.clock.advance(DEVICE_LINK_LIFETIME)
    assert world.browser().get(f"/device?token={new}").status_code == 410


@pytest.mark.parametrize("path", ["/account", "/setup", "/setup/email", "/setup/status", "/setup/second"])
def test_a_device_that_came_by_link_sees_nothing_of_the_account(
    world: World, browser: Browser, account: Account, path: str
) -> None:
    browser.sign_in_by_code(account)
    second = world.browser()
    second.post("/device", token=make_link(browser))
    answer = second.get(path)
    assert answer.status_code == 403
    assert "First set up this device" in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/account/sms/restore",
        "/account/sign-out-everywhere",
        "/setup/recovery-codes",
        "/setup/device",
        "/setup/email",
        "/setup/later",
    ],
)
def test_a_device_that_came_by_link_changes_nothing_of_the_account(
    world: World, browser: Browser, account: Account, path: str
) -> None:
    browser.sign_in_by_code(account)
    second = world.browser()
    second.post("/device", token=make_link(browser))
    before = world.kinds(account)
    assert second.post(path, email="x@example.org").status_code == 403
    assert world.kinds(account) == before


def test_a_link_is_good_for_one_passkey(
    world: World, browser: Browser, account: Account, phone: Authenticator
) -> None:
    browser.sign_in_by_code(account)
    second = world.browser()
    second.post("/device", token=make_link(browser))
    second.make_passkey(phone)
    assert second.send("/passkeys/options").status_code == 403
    assert second.get("/device/passkey").headers["location"] == "/device/prove"
    assert world.facts(account).passkeys == 1


def test_a_device_that_came_by_link_has_half_an_hour(
    world: World, browser: Browser, account: Account
) -> None:
    browser.sign_in_by_code(account)
    second = world.browser()
    second.post("/device", token=make_link(browser))
    world.clock.advance(DEVICE_SESSION_LIFETIME)
    assert second.get("/device/passkey").headers["location"] == "/sign-in"


def test_removing_a_passkey_ends_the_session_of_the_device_that_made_it(
    world: World, browser: Browser, account: Account, phone: Authenticator
) -> None:
    browser.sign_in_by_code(account)
    second = world.browser()
    second.post("/device", token=make_link(browser))
    second.make_passkey(phone)
    with world.database.reading() as session:
        (passkey,) = passkeys.active(session, account.account_id)
    browser.post(f"/account/passkeys/{passkey.passkey_id}/remove", is_sure="true")
    assert second.get("/device/prove").headers["location"] == "/sign-in"


def test_a_browser_that_is_signed_in_keeps_its_session(
    world: World, browser: Browser, account: Account
) -> None:
    browser.sign_in_by_code(account)
    answer = browser.post("/device", token=make_link(browser))
    assert answer.headers["location"] == "/setup/passkey"
    assert browser.get("/account").status_code == 200


def test_a_browser_that_is_signed_in_to_another_account_gets_the_links_own_session(
    world: World, browser: Browser, account: Account
) -> None:
    browser.sign_in_by_code(account)
    token, second = make_link(browser), world.browser()
    second.sign_in_by_code(world.account(policy=None, phone="+4915112345999", email="grace@example.net"))
    answer = second.post("/device", token=token)
    assert answer.headers["location"] == "/device/passkey"
    assert second.get("/account").status_code != 200
