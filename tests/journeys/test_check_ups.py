"""The check-up in a browser: a device is tried, and by the keyboard alone one comes to the end."""

import pytest
from playwright.async_api import expect

from domain.facts import SmsState
from domain.journal import EventKind
from tests.journeys import upkeep
from tests.journeys.browser import Shop
from tests.journeys.site import SHORT_PROBATION, Site
from tests.journeys.test_accessibility import tab_to
from tests.journeys.visitors import Visitor
from tests.waiting import eventually

pytestmark = [pytest.mark.browser, pytest.mark.processes]


async def at_the_end(town: Site, shop: Shop) -> Visitor:
    """Somebody who is invited to a check-up, and has not used their only device for long."""
    account_id = town.begin_journey(SHORT_PROBATION)
    ada = await Visitor.set_up_before(town, account_id, await shop.device())
    await eventually(lambda: town.sms(account_id) is SmsState.REMOVED, "SMS is removed", within=150)
    await ada.signs_in_by_passkey()
    upkeep.invite(town, account_id)
    upkeep.grow_old(town, account_id)
    return ada


async def test_a_device_is_tried_and_the_check_up_comes_to_its_end(town: Site, shop: Shop) -> None:
    ada = await at_the_end(town, shop)
    await ada.open("/account")
    await ada.follows("Look through them")
    await ada.sees("Does this device still work?")
    async with ada.device.lock.unlocked(by_its_owner=False):
        await ada.presses("Yes, try it now")
        await expect(ada.page.locator("[data-ceremony-status]")).not_to_be_empty()
    async with ada.device.lock.unlocked():
        await ada.presses("Yes, try it now")
        await ada.sees("Your recovery codes are used up")
    await ada.follows("Not now")
    await ada.sees(
        "Do these still work?"
    )  # the device is synced again, so that no one loss locks anybody out
    await ada.presses("I have all of it")
    await ada.sees("Thank you")
    await ada.reads("We'll ask again on")
    await ada.follows("Go to your account")
    await ada.sees("How you sign in")
    await expect(ada.page.get_by_role("link", name="Look through them")).to_have_count(0)
    kinds = [entry.kind for entry in town.entries(ada.account_id)]
    assert kinds.count(EventKind.CHECK_UP_DONE) == 1


async def test_the_keyboard_alone_goes_through_the_check_up(town: Site, shop: Shop) -> None:
    ada = await at_the_end(town, shop)
    await ada.open("/account/check-up")
    await ada.sees("Does this device still work?")
    for link, then in (
        ("I have it, but not here", "Your recovery codes are used up"),
        ("Not now", "Only one way in"),
        ("Not now", "Do these still work?"),
        ("I have all of it", "Thank you"),
    ):
        await tab_to(ada.page, link)
        await ada.page.keyboard.press("Enter")
        await ada.sees(then)


async def test_a_device_that_is_gone_leads_to_the_page_that_puts_it_on_hold_or_removes_it(
    town: Site, shop: Shop
) -> None:
    ada = await at_the_end(town, shop)
    await ada.open("/account/check-up")
    await ada.follows("I no longer have it")
    await expect(ada.heading).not_to_have_text("Does this device still work?")
    assert "/account/passkeys/" in ada.page.url
