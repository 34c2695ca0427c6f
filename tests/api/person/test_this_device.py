"""After a sign-in by the phone beside a computer, the computer is offered a passkey of its own."""

from typing import Any

import pytest

from domain.passkeys import MOST_PASSKEYS
from domain.switches import Switch
from providers.software_authenticator import Authenticator
from store.people.accounts import Account
from tests.api.world import Browser, World
from tests.switches import stop

OFFER = "/account/this-device"


def set_up(world: World, browser: Browser, device: Authenticator) -> Account:
    account = world.account()
    browser.sign_in_by_code(account)
    browser.make_passkey(device)
    browser.prove_passkey()
    return account


def signed_in(browser: Browser, device: Authenticator, attachment: Any) -> dict[str, str]:
    device.attachment = attachment
    answer = browser.sign_in_by_passkey(device)
    assert answer.status_code == 200
    led: dict[str, str] = answer.json()
    return led


def test_whoever_signs_in_by_a_phone_nearby_is_offered_a_passkey_on_this_device(
    world: World, browser: Browser, phone: Authenticator
) -> None:
    set_up(world, browser, phone)
    computer = world.browser()
    assert signed_in(computer, phone, "cross-platform") == {"next": "/setup", "this_device": OFFER}
    page = computer.get(OFFER).text
    assert "Set it up on this device" in page
    assert 'href="/setup">Not now' in page
    assert computer.make_passkey(world.authenticator()).json() == {"next": "/setup/prove"}


def test_while_prompts_are_stopped_nothing_is_offered_by_itself_and_its_page_is_there_all_the_same(
    world: World, browser: Browser, phone: Authenticator
) -> None:
    set_up(world, browser, phone)
    stop(world.database, Switch.PROMPTS)
    computer = world.browser()
    assert "this_device" not in signed_in(computer, phone, "cross-platform")
    assert computer.get(OFFER).status_code == 200


@pytest.mark.parametrize("attachment", ["platform", None, "", "of the future"])
def test_nobody_is_offered_what_is_on_the_device_already(
    world: World, browser: Browser, phone: Authenticator, attachment: str | None
) -> None:
    set_up(world, browser, phone)
    assert "this_device" not in signed_in(world.browser(), phone, attachment)


def test_a_security_key_goes_with_its_owner_so_nothing_is_offered(world: World, browser: Browser) -> None:
    key = world.authenticator(attachment="cross-platform", transports=("usb", "nfc"))
    set_up(world, browser, key)
    assert "this_device" not in signed_in(world.browser(), key, "cross-platform")


def test_nothing_is_offered_where_there_is_room_for_no_more(
    world: World, browser: Browser, phone: Authenticator
) -> None:
    set_up(world, browser, phone)
    for _ in range(MOST_PASSKEYS - 1):
        browser.make_passkey(world.authenticator())
    assert "this_device" not in signed_in(world.browser(), phone, "cross-platform")


def test_whoever_has_nothing_to_set_up_goes_to_the_account_afterwards(
    world: World, browser: Browser, phone: Authenticator
) -> None:
    account = world.account(policy=None)
    browser.sign_in_by_code(account)
    browser.make_passkey(phone)
    browser.prove_passkey()
    assert 'href="/account">Not now' in browser.get(OFFER).text
