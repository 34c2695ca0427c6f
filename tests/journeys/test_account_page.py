"""The account page in a browser: names, removal, and leaving everywhere."""

from dataclasses import replace

import pytest
from playwright.async_api import Locator, expect

from domain.facts import SmsState
from domain.policy import SecondRoute
from tests.journeys.browser import Shop
from tests.journeys.site import LONG_NOTICE, LONG_PROBATION, Site
from tests.journeys.visitors import Visitor
from tests.waiting import eventually

pytestmark = [pytest.mark.browser, pytest.mark.processes]

SYNCED_IS_ENOUGH = replace(
    LONG_PROBATION, name="synced-is-enough", second_routes=(SecondRoute.SYNCED_PASSKEY,)
)


async def test_the_last_way_in_cannot_be_removed_and_the_page_says_why(town: Site, shop: Shop) -> None:
    account_id = town.begin_journey(SYNCED_IS_ENOUGH)
    ada = Visitor(town, account_id, await shop.device())
    await ada.signs_in_by_code()
    await ada.verifies_email()
    await ada.makes_passkey()
    await ada.unlocks("Try it now", then="/setup/done")
    await eventually(lambda: town.sms(account_id) is SmsState.SUSPENDED, "SMS is suspended")
    await ada.follows("Go to your account")
    await remove(ada, the_device(ada))
    await ada.sees("This is your last way in")
    await ada.reads("Add another device or make recovery codes first")
    await ada.follows("Back to your account")
    await expect(the_device(ada)).to_be_visible()
    assert town.facts(account_id).passkeys == 1


async def test_a_device_is_renamed_and_one_that_is_not_the_last_is_removed(town: Site, shop: Shop) -> None:
    account_id = town.begin_journey(LONG_NOTICE)
    ada = await Visitor.set_up_before(town, account_id, await shop.device())
    await ada.signs_in_by_passkey()
    device = the_device(ada)
    await device.get_by_text("Rename").click()
    await device.get_by_label("Name").fill("Ada's <b>phone</b> 📱")
    await device.get_by_role("button", name="Save the name").click()
    await expect(device.get_by_role("heading")).to_contain_text("Ada's <b>phone</b> 📱")
    await remove(ada, device)
    await ada.sees("Sign in")
    assert town.facts(account_id).passkeys == 0


async def test_signing_out_everywhere_ends_every_devices_session(town: Site, shop: Shop) -> None:
    device = await shop.device()
    ada = await Visitor.set_up_before(town, town.begin_journey(LONG_NOTICE), device)
    await ada.signs_in_by_passkey()
    elsewhere = ada.on(await shop.device())
    await elsewhere.signs_in_by_code()
    await elsewhere.skips_saying_why()
    await ada.presses("Sign out everywhere")
    await ada.sees("Sign in")
    await elsewhere.open("/account")
    await elsewhere.sees("Sign in")


def the_device(visitor: Visitor) -> Locator:
    """The only device on the account page."""
    return visitor.section("Your devices").get_by_role("listitem")


async def remove(visitor: Visitor, device: Locator) -> None:
    """Ask for it, read what it means, and mean it."""
    await device.locator("summary").filter(has_text="Remove").click()
    await device.get_by_role("button", name="Remove").click()
