"""Ceremonies as hurried people meet them: in several tabs, with the phone beside, with a security key, called off."""

import asyncio

import pytest
from playwright.async_api import Page, Route, expect

from domain.journal import EventKind
from tests.journeys.browser import Device, Shop
from tests.journeys.people import Person
from tests.journeys.site import LONG_NOTICE, LONG_PROBATION, Site
from tests.journeys.visitors import FIRST_STEP, Visitor
from tests.waiting import eventually

pytestmark = [pytest.mark.browser, pytest.mark.processes]

MAKE = "Set it up on this device"
OPTIONS = "**/sign-in/passkey/options"

# What the page asks the browser for is kept, so that a test can look at it.
LISTENS = """(() => {
  for (const ceremony of ["create", "get"]) {
    const asked = navigator.credentials[ceremony].bind(navigator.credentials);
    navigator.credentials[ceremony] = (options) => {
      window.hints = options.publicKey.hints ?? [];
      return asked(options);
    };
  }
})()"""


async def test_two_tabs_sign_in_and_the_later_one_is_led_to_the_account(town: Site, shop: Shop) -> None:
    device = await shop.device()
    ada = await Visitor.set_up_before(town, town.begin_journey(LONG_NOTICE), device)
    tab = ada.on(await device.tab())
    await tab.device.lock.keep(ada.phone.device.keys[0])
    first = await ada.signs_in_slowly()
    second = await tab.signs_in_slowly()
    first.set()
    await ada.sees("How you sign in")
    second.set()
    await tab.reads("You have signed in already, in another tab or window.")
    await expect(tab.page.locator(".notice")).to_be_visible()
    await expect(tab.page.locator(".problem")).to_have_count(0)
    assert town.kinds(ada.account_id)[EventKind.SIGN_IN_FAILED] == 0
    await tab.follows("Go to your account")
    await tab.sees("How you sign in")


async def test_tabs_that_open_at_once_share_one_session(town: Site, shop: Shop) -> None:
    device = await shop.device(offers_in_field=True)
    tab = await device.tab()
    asked: list[Page] = []
    may_answer = asyncio.Event()

    async def hold(route: Route) -> None:
        asked.append(route.request.frame.page)
        await may_answer.wait()
        await route.continue_()

    await device.page.context.route(OPTIONS, hold)
    await asyncio.gather(device.page.goto("/sign-in"), tab.page.goto("/sign-in"))
    await tab.page.wait_for_function("navigator.locks.query().then(({ pending }) => pending.length === 1)")
    assert len(asked) == 1
    late = tab.page if asked[0] is device.page else device.page
    async with late.expect_response(OPTIONS) as answered:
        may_answer.set()
    first = await device.page.context.cookies()
    assert "cookie" in (await (await answered.value).request.all_headers())
    assert [cookie["name"] for cookie in first].count("offramp") == 1


async def test_a_trial_that_is_called_off_is_a_calm_notice(town: Site, shop: Shop) -> None:
    ada = Visitor(town, town.begin_journey(LONG_NOTICE), await shop.device())
    await ada.signs_in_by_code()
    await ada.verifies_email()
    await ada.fails_to_unlock(MAKE)
    await expect(ada.page.locator(".notice")).to_contain_text("just try again")
    await ada.makes_passkey()
    await ada.fails_to_unlock("Try it now")
    await expect(ada.page.locator(".notice")).to_contain_text("just try again")
    await expect(ada.page.locator(".problem")).to_have_count(0)


async def test_a_device_that_is_set_up_already_shows_the_way_on_as_its_main_button(
    town: Site, shop: Shop
) -> None:
    device = await shop.device()
    ada = await Visitor.set_up_before(town, town.begin_journey(LONG_NOTICE), device)
    await ada.signs_in_by_passkey()
    await ada.follows("Add this device")
    async with device.lock.unlocked():
        await ada.presses(MAKE)
        await expect(ada.page.locator(".notice")).to_contain_text("This device is set up already.")
    way_on = ada.page.get_by_role("link", name="Try it")
    await expect(way_on).to_have_class("button")
    await expect(way_on).to_be_focused()
    await expect(ada.button(MAKE)).to_be_hidden()


@pytest.mark.parametrize("knows_capabilities", [True, False])
async def test_a_browser_that_only_lists_passkeys_in_fields_starts_no_clock(
    town: Site, shop: Shop, *, knows_capabilities: bool
) -> None:
    device = await shop.device()
    await device.lock.break_down()
    await device.page.add_init_script(
        "PublicKeyCredential.isConditionalMediationAvailable = async () => true;"
        + ("" if knows_capabilities else "delete PublicKeyCredential.getClientCapabilities;")
    )
    ada = Visitor(town, town.begin_journey(LONG_NOTICE), device)
    await ada.signs_in_by_code()
    await ada.sees(FIRST_STEP)
    has_them = "Boolean(PublicKeyCredential.getClientCapabilities)"
    assert await device.page.evaluate(has_them) is knows_capabilities
    await eventually(lambda: town.kinds(ada.account_id)[EventKind.PROMPT_SEEN] == 1, "the prompt was seen")
    [seen] = [entry for entry in town.entries(ada.account_id) if entry.kind == EventKind.PROMPT_SEEN]
    assert seen.detail["capable"] is False
    assert town.facts(ada.account_id).exposed_at is None


async def test_a_security_key_helps_where_the_device_cannot(town: Site, shop: Shop) -> None:
    device = await shop.device()
    await device.page.add_init_script(LISTENS)
    ada = Visitor(town, town.begin_journey(LONG_NOTICE), device)
    await ada.signs_in_by_code()
    await ada.verifies_email()
    await ada.sees("Sign in with your face, fingerprint or screen lock")
    await expect(ada.button("Use a security key or try anyway")).to_be_hidden()
    await device.lock.break_down()
    await ada.page.reload()
    key = await device.beside("usb")
    async with key.unlocked():
        await ada.presses("Use a security key or try anyway")
        await ada.sees("Now try it once")
    await ada.reads("Is your passkey on a security key or a phone?")
    async with key.unlocked():
        await ada.presses("Try it now")
        await ada.sees("Add a second way in")


async def test_hints_go_with_the_button_that_was_pressed(town: Site, shop: Shop) -> None:
    device = await shop.device()
    await device.page.add_init_script(LISTENS)
    ada = await Visitor.set_up_before(town, town.begin_journey(LONG_NOTICE), device)
    await ada.signs_in_by_passkey()
    for path, button, hints in (
        ("/setup/passkey", MAKE, ["client-device"]),
        ("/account/confirm", "Confirm with your passkey", []),
        ("/account/confirm", "Use a phone or security key", ["hybrid", "security-key"]),
    ):
        await ada.open(path)
        for summary in await ada.page.locator("summary").all():
            await summary.click()
        await ada.fails_to_unlock(button)
        assert await ada.page.evaluate("window.hints") == hints


async def test_after_a_sign_in_by_the_phone_beside_it_a_computer_is_offered_a_passkey_once(
    town: Site, shop: Shop
) -> None:
    device = await shop.device()
    ada = await visitor_with_phone_beside(town, device)
    phone = await device.beside("cable")
    await phone.keep(ada.phone.device.keys[0])
    await ada.open("/sign-in")
    async with phone.unlocked():
        await ada.presses("Sign in with a passkey")
        await ada.sees("Sign in here without your phone?")
    await ada.follows("Not now")
    await ada.sees("How you sign in")
    await ada.presses("Sign out")
    await ada.open("/sign-in")
    async with phone.unlocked():
        await ada.presses("Sign in with a passkey")
        await ada.sees("How you sign in")  # nobody is asked each time
    await phone.break_down()
    await ada.open("/account/this-device")
    await ada.unlocks(MAKE, then="/setup/prove")
    assert len(await device.lock.passkeys()) == 1


async def visitor_with_phone_beside(town: Site, device: Device) -> Visitor:
    """Somebody who is set up, with nothing on the device in hand."""
    account_id = town.begin_journey(LONG_PROBATION)
    before = Person(town, account_id)
    await asyncio.to_thread(before.set_up, town.email(account_id))
    return Visitor(town, account_id, device, before)
