"""Two devices of one person: a passkey on the other one by a QR code, and an e-mail's link opened over there."""

import re

import pytest
from playwright.async_api import expect

from tests.journeys.browser import Shop
from tests.journeys.site import LONG_NOTICE, Site
from tests.journeys.visitors import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.processes]


async def test_a_qr_code_brings_a_second_device_and_works_once(town: Site, shop: Shop) -> None:
    account_id = town.begin_journey(LONG_NOTICE)
    laptop = Visitor(town, account_id, await shop.device())
    await laptop.signs_in_by_code()
    await laptop.verifies_email()
    await laptop.makes_passkey()
    await laptop.tries_passkey()
    await laptop.presses(re.compile("Another phone or computer"))
    await expect(laptop.page.get_by_role("img", name="A QR code")).to_be_visible()
    link = await laptop.device_link()

    tablet = laptop.on(await shop.device(synced=False))
    await tablet.open(link)
    await tablet.reads(re.compile(r".•••@example\.org"))
    await tablet.presses("Yes, add this device")
    await tablet.unlocks("Set it up", then="/device/prove")
    await tablet.unlocks("Try it now", then="/device/done")
    await tablet.sees("This device is ready")

    await laptop.sees("You're all set")
    await laptop.follows("Go to your account")
    await expect(laptop.section("Your devices")).to_contain_text("Stays on one device")
    facts = town.facts(account_id)
    assert (facts.passkeys, facts.proven_passkeys) == (2, 2)

    stranger = laptop.on(await shop.device())
    await stranger.open(link)
    await stranger.sees("This link no longer works")


async def test_a_device_that_came_by_link_sees_nothing_before_its_passkey_signs_in(
    town: Site, shop: Shop
) -> None:
    ada = await Visitor.set_up_before(town, town.begin_journey(LONG_NOTICE), await shop.device())
    await ada.signs_in_by_passkey()
    await ada.presses("Add another device")
    tablet = ada.on(await shop.device(synced=False))
    await tablet.open(await ada.device_link())
    await tablet.presses("Yes, add this device")
    await tablet.sees("Set up this device")
    await tablet.open("/account")
    await tablet.sees("First set up this device")
    await tablet.follows("Add this device")
    await tablet.sees("Set up this device")


async def test_a_letters_link_opened_elsewhere_verifies_and_the_waiting_page_goes_on(
    town: Site, shop: Shop
) -> None:
    account_id = town.begin_journey(LONG_NOTICE)
    phone = Visitor(town, account_id, await shop.device())
    await phone.signs_in_by_code()
    await phone.asks_for_letter()

    desktop = phone.on(await shop.device())
    await desktop.open(await phone.letter_link())
    assert town.facts(account_id).email_verified_at is None  # mail scanners open links, too
    await desktop.presses("Yes, confirm it")
    await desktop.sees("Your e-mail is confirmed")
    await phone.sees("Sign in with your face, fingerprint or screen lock")
