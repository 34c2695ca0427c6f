"""After a sign-in by which a device may be lost, the person is offered to hold it, and to set this one up."""

import re

import pytest

from providers.software_authenticator import Authenticator
from store.people import passkeys
from store.people.accounts import Account
from tests.api.world import Browser, World, shown_codes


@pytest.fixture
def account(world: World, browser: Browser, phone: Authenticator) -> Account:
    """Somebody with a passkey and recovery codes."""
    account = world.account()
    browser.sign_in_by_code(account)
    browser.verify_email(account)
    browser.make_passkey(phone)
    return account


def codes_of(browser: Browser) -> list[str]:
    codes = shown_codes(browser.post("/setup/recovery-codes").text)
    browser.post("/setup/recovery-codes/check", code=codes[0])
    return codes


def passkey_id(world: World, account: Account) -> str:
    with world.database.reading() as session:
        return passkeys.kept(session, account.account_id)[0].passkey_id


def signed_in_by(code: str, world: World, account: Account) -> Browser:
    other = world.browser()
    answer = other.post("/sign-in/recovery", identifier=account.email or "", code=code)
    assert answer.headers["location"] == "/sign-in/lost"
    return other


def test_after_a_recovery_code_a_lost_device_and_this_one_are_one_press_away(
    world: World, browser: Browser, account: Account
) -> None:
    page = signed_in_by(codes_of(browser)[1], world, account).get("/sign-in/lost").text
    assert "You have 7 left." in page
    assert f'href="/account/passkeys/{passkey_id(world, account)}/' in page
    assert 'href="/setup/passkey"' in page
    assert re.search(r'href="/setup">Nothing is lost: go on', page)  # a step is due


def test_whoever_is_asked_for_no_step_goes_on_to_the_account(
    world: World, browser: Browser, account: Account
) -> None:
    code = codes_of(browser)[1]
    browser.post("/setup/cannot", reason="no_time")
    page = signed_in_by(code, world, account).get("/sign-in/lost").text
    assert re.search(r'href="/account">Nothing is lost: go on', page)


def test_the_last_recovery_code_is_said_to_be_the_last(
    world: World, browser: Browser, account: Account
) -> None:
    *others, last = codes_of(browser)
    for code in others:
        signed_in_by(code, world, account)
    assert "It was your last one." in signed_in_by(last, world, account).get("/sign-in/lost").text


def test_a_device_that_is_on_hold_already_is_not_asked_for(
    world: World, browser: Browser, account: Account
) -> None:
    code = codes_of(browser)[1]
    with world.database.transaction() as session:
        found = passkeys.get(session, account.account_id, passkey_id(world, account))
        found.frozen_at = world.clock()
        session.add(found)
    other = world.browser()
    other.post("/sign-in/recovery", identifier=account.email or "", code=code)
    assert "I have lost it" not in other.get("/sign-in/lost").text


def test_without_a_passkey_a_recovery_code_leads_to_the_set_up(world: World, browser: Browser) -> None:
    account = world.account()
    browser.sign_in_by_code(account)
    codes = shown_codes(browser.post("/setup/recovery-codes").text)
    other = world.browser()
    answer = other.post("/sign-in/recovery", identifier=account.phone or "", code=codes[0])
    assert answer.headers["location"] == "/setup"


def test_who_says_that_the_device_is_lost_after_a_text_code_is_led_there(
    world: World, account: Account
) -> None:
    other = world.browser()
    other.sign_in_by_code(account)
    assert other.post("/sign-in/why", reason="lost").headers["location"] == "/sign-in/lost"
    assert "The recovery code you have typed" not in other.get("/sign-in/lost").text


def test_the_page_is_for_people_who_have_signed_in(world: World) -> None:
    assert world.browser().get("/sign-in/lost").headers["location"].startswith("/sign-in")


def test_all_other_ways_in_are_two_presses_from_the_door(browser: Browser) -> None:
    assert 'href="/sign-in/more"' in browser.get("/sign-in").text
    page = browser.get("/sign-in/more").text
    for way in ("/sign-in/recovery", "/rescue", "/sign-in"):
        assert f'href="{way}"' in page


@pytest.mark.parametrize("page", ["/sign-in/recovery", "/rescue"])
def test_each_way_in_leads_back_to_the_others(browser: Browser, page: str) -> None:
    assert 'href="/sign-in/more"' in browser.get(page).text
