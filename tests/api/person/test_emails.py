"""The e-mail address: verified by code here, or by link anywhere."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from domain.codes import LINK_LIFETIME
from domain.messages.messages import Template
from store.people.accounts import Account
from tests.api.world import Browser, World


def link(world: World, account: Account) -> str:
    parts = urlsplit(world.secret(account, Template.VERIFY_EMAIL)["link"])
    return f"{parts.path}?{parts.query}"


def token(path: str) -> str:
    return path.partition("token=")[2]


def test_a_code_verifies_the_address(world: World, browser: Browser) -> None:
    account = world.account()
    browser.sign_in_by_code(account)
    browser.verify_email(account)
    assert world.reload(account.account_id).email_verified_at == world.clock.now
    assert world.journal(account)[-1].detail == {"by": "code"}


def test_a_link_is_only_looked_at_until_its_button_is_pressed(world: World, browser: Browser) -> None:
    account = world.account()
    browser.sign_in_by_code(account)
    browser.post("/setup/email", email=account.email or "")
    elsewhere, path = world.browser(), link(world, account)
    for _ in range(3):
        assert (account.email or "?") in elsewhere.get(path).text
    assert browser.get("/setup/status").json()["email_verified"] is False
    confirmed = elsewhere.post("/verify-email", token=token(path))
    assert "Go back to the device" in elsewhere.follow(confirmed).text
    assert browser.get("/setup/status").json()["email_verified"] is True
    assert world.browser().post("/verify-email", token=token(path)).status_code == 410
    assert elsewhere.get("/account").headers["location"] == "/sign-in"


@pytest.mark.parametrize("path", ["/verify-email", "/verify-email?token=nonsense", "/device?token=nonsense"])
def test_an_unknown_link_says_so(browser: Browser, path: str) -> None:
    answer = browser.get(path)
    assert answer.status_code == 410
    assert "no longer works" in answer.text


def test_an_expired_link_is_refused(world: World, browser: Browser) -> None:
    account = world.account()
    browser.sign_in_by_code(account)
    browser.post("/setup/email", email=account.email or "")
    world.clock.advance(LINK_LIFETIME)
    assert browser.get(link(world, account)).status_code == 410


def test_a_corrected_address_takes_the_place_of_the_old_one_when_it_is_verified(
    world: World, browser: Browser
) -> None:
    account = world.account(email="typo@example.org")
    browser.sign_in_by_code(account)
    browser.post("/setup/email", email="right@Example.org")
    assert world.reload(account.account_id).email == "typo@example.org"
    browser.post("/setup/email/code", code=world.secret(account, Template.VERIFY_EMAIL)["code"])
    assert world.reload(account.account_id).email == "right@example.org"


def test_a_link_that_went_to_a_mistyped_address_is_void_once_it_was_corrected(
    world: World, browser: Browser
) -> None:
    account = world.account()
    browser.sign_in_by_code(account)
    browser.post("/setup/email", email="stranger@example.org")
    strangers = link(world, account)
    world.clock.advance(timedelta(seconds=1))
    browser.post("/setup/email", email="mine@example.org")
    assert world.browser().post("/verify-email", token=token(strangers)).status_code == 410


def test_a_verified_address_is_not_replaced(world: World, browser: Browser) -> None:
    account = world.account()
    browser.sign_in_by_code(account)
    browser.verify_email(account)
    assert browser.post("/setup/email", email="other@example.org").headers["location"] == "/setup"
    assert world.reload(account.account_id).email == account.email


def test_wrong_codes_count_down(world: World, browser: Browser) -> None:
    account = world.account()
    browser.sign_in_by_code(account)
    browser.post("/setup/email", email=account.email or "")
    assert "4 tries left" in browser.post("/setup/email/code", code="1").text
    for _ in range(4):
        browser.post("/setup/email/code", code="1")
    right = world.secret(account, Template.VERIFY_EMAIL)["code"]
    assert browser.post("/setup/email/code", code=right).status_code == 400
    assert world.reload(account.account_id).email_verified_at is None


def test_what_is_no_address_is_said_at_once(world: World, browser: Browser) -> None:
    account = world.account()
    browser.sign_in_by_code(account)
    answer = browser.post("/setup/email", email="nobody")
    assert answer.status_code == 400
    assert world.templates(account) == [Template.SIGN_IN_CODE]


def test_whoever_has_the_address_already_hears_that_another_account_has_it_too(
    world: World, browser: Browser
) -> None:
    mother, son = world.account(email="family@example.org"), world.account(email="son@example.org")
    browser.sign_in_by_code(son)
    browser.post("/setup/email", email="family@example.org")
    browser.post("/setup/email/code", code=world.secret(son, Template.VERIFY_EMAIL)["code"])
    assert world.journal(mother)[-1].detail == {"channel": "email", "shared": True}
