"""From the first text message to the last: one account's whole way, on a phone, as its owner sees it."""

import re

import pytest
from playwright.async_api import expect

from domain.facts import SmsState
from tests.journeys.browser import Shop
from tests.journeys.site import LONG_PROBATION, SHORT_PROBATION, Site
from tests.journeys.visitors import Visitor
from tests.waiting import eventually

PRESSES = 8
"""What the whole set-up asks of an honest person: nothing that stops attackers may make it longer."""

pytestmark = [pytest.mark.browser, pytest.mark.processes]


async def test_a_person_moves_to_a_passkey_and_can_still_take_it_back(town: Site, shop: Shop) -> None:
    account_id = town.begin_journey(LONG_PROBATION)
    ada = Visitor(town, account_id, await shop.device())
    await ada.sets_up()
    await ada.reads("tell you before we do")
    await ada.follows("Go to your account")
    await ada.sees("How you sign in")
    await expect(ada.section("Your devices")).to_contain_text("Synced across your devices")
    await expect(ada.section("Recovery codes")).to_contain_text("8 codes left")
    await ada.letter("Text-message codes are now off")
    await ada.presses("Sign out")

    await ada.asks_for_code()
    await ada.letter("How you sign in to")
    await ada.signs_in_by_passkey()
    await ada.presses("Switch them on again")
    assert town.sms(account_id) is SmsState.ON
    await expect(ada.section("Codes by text message")).to_contain_text("On To ••••")
    await ada.presses("Sign out")
    await ada.signs_in_by_code()
    await ada.skips_saying_why()


async def test_the_whole_set_up_takes_eight_presses(town: Site, shop: Shop) -> None:
    ada = Visitor(town, town.begin_journey(LONG_PROBATION), await shop.device())
    await ada.sets_up()
    await ada.sees("You're all set")
    assert len(ada.pressed) == PRESSES, ada.pressed


async def test_after_probation_codes_are_gone_and_the_account_page_says_so(town: Site, shop: Shop) -> None:
    account_id = town.begin_journey(SHORT_PROBATION)
    ada = await Visitor.set_up_before(town, account_id, await shop.device())
    await eventually(lambda: town.sms(account_id) is SmsState.REMOVED, "SMS is removed", within=150)
    await ada.signs_in_by_passkey()
    await expect(ada.section("Codes by text message")).to_contain_text("Switched off for good")
    await expect(ada.button("Switch them on again")).to_have_count(0)
    await eventually(lambda: town.outcome(account_id) == "migrated", "the journey ends")


async def test_the_field_offers_the_passkey_to_its_owner_and_turns_a_stranger_away(
    town: Site, shop: Shop
) -> None:
    device = await shop.device(offers_in_field=True)
    ada = await Visitor.set_up_before(town, town.begin_journey(LONG_PROBATION), device)
    await ada.open("/sign-in")
    await ada.fails_to_unlock("Sign in with a passkey")
    await ada.reads("Nothing has changed; just try again.")
    async with device.lock.unlocked():
        await ada.open("/sign-in")
        await ada.sees("How you sign in")
    await expect(ada.section("Your devices")).to_contain_text("signed in with this")


async def test_a_recovery_code_signs_in_once(town: Site, shop: Shop) -> None:
    ada = Visitor(town, town.begin_journey(LONG_PROBATION), await shop.device())
    await ada.sets_up()
    borrowed = ada.on(await shop.device())
    for welcome in ("You are signed in", "Use a recovery code"):
        await borrowed.open("/sign-in")
        await borrowed.follows("More ways to sign in")
        await borrowed.follows(re.compile("Use a recovery code"))
        await borrowed.types(town.email(ada.account_id), into="Phone number or e-mail")
        await borrowed.types(ada.codes[1], into="Recovery code")
        await borrowed.presses("Sign in")
        await borrowed.sees(welcome)
        await borrowed.page.context.clear_cookies()
    await borrowed.reads("do not fit together")
