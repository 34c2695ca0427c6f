"""A tour of every page there is, in every state a person may find it in; whoever comes along looks at each."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from playwright.async_api import Page

from domain.facts import SmsState
from tests.journeys import upkeep
from tests.journeys.browser import Device, Shop
from tests.journeys.site import (
    BY_APP_TWO_DAYS,
    LONG_NOTICE,
    LONG_PROBATION,
    LONG_WAIT,
    SHORT_PROBATION,
    SLOW_RECOVERY,
    TWO_DAYS,
    Site,
)
from tests.journeys.visitors import FIRST_STEP, Visitor
from tests.waiting import eventually

Look = Callable[[Device, str], Awaitable[None]]
"""Looks at a page; the name is the page's, for those who take pictures."""

Chapter = Callable[[Site, Shop, Look], Awaitable[None]]


async def the_door(town: Site, shop: Shop, look: Look) -> None:
    """Every way in, and what stands there when it does not open."""
    ada = Visitor(town, town.begin_journey(LONG_NOTICE), await shop.device())
    await ada.open("/sign-in")
    await look(ada.device, "sign-in")
    await ada.types("nobody", into="Phone number or e-mail")
    await ada.presses("Text me a code")
    await look(ada.device, "sign-in-mistyped")
    await ada.asks_for_code()
    await look(ada.device, "code")
    await ada.types("nothing", into="Code")
    await ada.presses("Sign in")
    await ada.page.get_by_text("No code arrived?").click()
    await look(ada.device, "code-mistyped")
    await ada.presses("Send a new code")
    await look(ada.device, "code-again")
    await ada.open("/sign-in/more")
    await look(ada.device, "more-ways")
    await ada.follows(re.compile("Use a code from support"))
    await look(ada.device, "rescue")
    await ada.follows("More ways to sign in")
    await ada.follows(re.compile("Use a recovery code"))
    await look(ada.device, "recovery")
    await ada.types("nobody", into="Phone number or e-mail")
    await ada.types("nothing", into="Recovery code")
    await ada.presses("Sign in")
    await look(ada.device, "recovery-mistyped")
    for path, name in (("/nowhere", "not-found"), ("/device?token=old", "link-used")):
        await ada.open(path)
        await look(ada.device, name)
    operator = ada.on(await shop.server())
    await operator.open("/dev/inbox")
    await operator.sees("Development inbox")
    await look(operator.device, "inbox")


async def the_set_up(town: Site, shop: Shop, look: Look) -> None:
    """One step after the other, with everything that can be in the way."""
    ada = Visitor(town, town.begin_journey(LONG_NOTICE), await shop.device())
    await ada.signs_in_by_code()
    await ada.sees(FIRST_STEP)
    await look(ada.device, "email")
    await ada.follows("I can't do this now")
    await look(ada.device, "cannot")
    for reason in (
        "suitable phone or computer",
        "share this device",
        "did not work",
        "have an e-mail address",
    ):
        await ada.open("/setup/cannot")
        await ada.page.get_by_label(reason).check()
        await ada.presses("Go on")
        await look(ada.device, f"help-{reason.split()[0]}")
    await ada.follows("Go to your account")
    await ada.reads("Nothing to do for now")
    await look(ada.device, "account-put-off")
    await ada.follows("Set it up now after all")
    await ada.types("ada@nowhere", into="E-mail address")
    await ada.presses("Send me a code")
    await look(ada.device, "email-mistyped")
    await ada.open("/setup/email")
    await ada.asks_for_letter()
    await look(ada.device, "email-code")
    await ada.types("nothing", into="Code")
    await ada.presses("Confirm")
    await look(ada.device, "email-code-mistyped")
    await _by_letter(ada, shop, look)
    await ada.sees("Sign in with your face, fingerprint or screen lock")
    await look(ada.device, "passkey")
    await ada.fails_to_unlock("Set it up on this device")
    await look(ada.device, "passkey-failed")
    await ada.makes_passkey()
    await look(ada.device, "prove")
    await ada.tries_passkey()
    await look(ada.device, "second")
    await ada.makes_recovery_codes()
    await look(ada.device, "recovery-codes")
    await ada.open("/setup/recovery-codes")
    await look(ada.device, "recovery-codes-type-back")
    await ada.types("nothing", into=re.compile("Last four of code"))
    await ada.presses("Done")
    await look(ada.device, "recovery-codes-mistyped")
    await ada.types_one_back()
    await look(ada.device, "done")


async def _by_letter(ada: Visitor, shop: Shop, look: Look) -> None:
    elsewhere = ada.on(await shop.device())
    await elsewhere.open(await ada.letter_link())
    await look(elsewhere.device, "letter-link")
    await elsewhere.presses("Yes, confirm it")
    await look(elsewhere.device, "letter-confirmed")


async def another_device(town: Site, shop: Shop, look: Look) -> None:
    """Both sides of the QR code, and a device that cannot do it."""
    ada = await Visitor.set_up_before(town, town.begin_journey(LONG_NOTICE), await shop.device())
    await ada.signs_in_by_passkey()
    await ada.presses("Add another device")
    await look(ada.device, "device-code")
    link = await ada.device_link()
    await look(ada.device, "device-code-open")
    tablet = ada.on(await shop.device(synced=False))
    await tablet.open(link)
    await look(tablet.device, "device-open")
    await tablet.presses("Yes, add this device")
    await look(tablet.device, "device-passkey")
    await tablet.open("/account")
    await look(tablet.device, "device-only")
    await tablet.follows("Add this device")
    await tablet.unlocks("Set it up", then="/device/prove")
    await look(tablet.device, "device-prove")
    await tablet.unlocks("Try it now", then="/device/done")
    await look(tablet.device, "device-done")
    old = ada.on(await shop.device(storage_state=await ada.page.context.storage_state()))
    await old.device.lock.break_down()
    await old.open("/setup/passkey")
    await old.reads("This device can't do it")
    await look(old.device, "device-incapable")


async def an_app(town: Site, shop: Shop, look: Look) -> None:
    """An authenticator app, from "no device" to the way in, and what stands there when a code is wrong."""
    ada = Visitor(town, town.begin_journey(BY_APP_TWO_DAYS), await shop.device())
    await ada.signs_in_by_code()
    await ada.verifies_email()
    await ada.has_no_device()
    await look(ada.device, "help-with-an-app")
    await ada.presses("Set up an app")
    app = await ada.adds_an_app()
    await look(ada.device, "app")
    await ada.page.get_by_text("You cannot scan it?").click()
    await ada.types("nothing", into="Code in the app")
    await ada.presses("Done")
    await _open_everything(ada.page)
    await look(ada.device, "app-mistyped")
    now = datetime.now(UTC)
    await ada.types(app.code(now), into="Code in the app")
    await ada.presses("Done")
    await ada.sees("Add a second way in")
    await ada.open("/setup/app/check")
    await look(ada.device, "app-check")
    await ada.types("nothing", into="Code in the app")
    await ada.presses("Done")
    await look(ada.device, "app-check-mistyped")
    await ada.open("/account")
    await _open_everything(ada.page)
    await look(ada.device, "account-with-an-app")
    await ada.presses("Sign out")
    await ada.open("/sign-in/app")
    await look(ada.device, "sign-in-app")
    await ada.types(town.phone(ada.account_id), into="Phone number or e-mail")
    await ada.types("nothing", into="Code in the app")
    await ada.presses("Sign in")
    await _open_everything(ada.page)
    await look(ada.device, "sign-in-app-mistyped")


async def ceremonies(town: Site, shop: Shop, look: Look) -> None:
    """With the phone beside, in two tabs, on a device that has a passkey already, and on one that cannot keep any."""
    ada = await Visitor.set_up_before(town, town.begin_journey(LONG_NOTICE), await shop.device())
    beside = ada.on(await shop.device())
    phone = await beside.device.beside("cable")
    await phone.keep(ada.phone.device.keys[0])
    await beside.open("/sign-in")
    stale = ada.on(await beside.device.tab())
    await stale.device.lock.keep(ada.phone.device.keys[0])
    may_answer = await stale.signs_in_slowly()
    async with phone.unlocked():
        await beside.presses("Sign in with a passkey")
        await beside.sees("Sign in here without your phone?")
    await look(beside.device, "this-device")
    may_answer.set()
    await stale.reads("You have signed in already")
    await look(stale.device, "sign-in-stale")
    ada = await Visitor.set_up_before(town, town.begin_journey(LONG_NOTICE), await shop.device())
    await ada.signs_in_by_passkey()
    await ada.open("/account/confirm")
    await _open_everything(ada.page)
    await look(ada.device, "confirm")
    await ada.open("/setup/passkey")
    async with ada.device.lock.unlocked():
        await ada.presses("Set it up on this device")
        await ada.reads("This device is set up already.")
    await look(ada.device, "passkey-set-up-already")
    await ada.device.lock.break_down()
    await ada.open("/setup/prove")
    await ada.reads("Is your passkey on a security key or a phone?")
    await look(ada.device, "prove-elsewhere")


async def the_account(town: Site, shop: Shop, look: Look) -> None:
    """The account page, from before the set-up to after the last text message."""
    new = Visitor(town, town.begin_journey(LONG_NOTICE), await shop.device())
    await new.signs_in_by_code()
    await new.open("/account")
    await look(new.device, "account-new")
    waiting = await Visitor.set_up_before(town, town.begin_journey(TWO_DAYS), await shop.device())
    await waiting.signs_in_by_passkey()
    await look(waiting.device, "account-tomorrow")
    await waiting.open("/setup")
    await waiting.sees("That's all for today")
    await look(waiting.device, "done-today")
    for policy, state in (
        (LONG_NOTICE, SmsState.NOTICE),
        (LONG_PROBATION, SmsState.SUSPENDED),
        (SHORT_PROBATION, SmsState.REMOVED),
    ):
        account_id = town.begin_journey(policy)
        ada = await Visitor.set_up_before(town, account_id, await shop.device())
        if state is SmsState.SUSPENDED:
            await ada.asks_for_code()
            code = await ada.next_code()
        await eventually(lambda: town.sms(account_id) is state, f"SMS is {state}", within=150)  # noqa: B023
        if state is SmsState.SUSPENDED:  # since that code was sent
            await ada.types(code, into="Code")
            await ada.presses("Sign in")
            await ada.sees("Text codes are switched off")
            await look(ada.device, "codes-off")
        await ada.signs_in_by_passkey()
        await look(ada.device, f"account-{state}")
        if state is SmsState.NOTICE:
            await ada.presses("Sign out")
            await ada.signs_in_by_code()
            await ada.sees("You are signed in")
            await look(ada.device, "say-why")
            await ada.page.get_by_label("I have lost my device").check()
            await ada.presses("Go on")
            await ada.reads("Nothing is lost: go on")
            await look(ada.device, "lost-device")
        if state is SmsState.SUSPENDED:
            await _open_everything(ada.page)
            await look(ada.device, "account-open")


async def an_objection(town: Site, shop: Shop, look: Look) -> None:
    """From the letter about a passkey to the account that is looked into."""
    ada = await Visitor.set_up_before(town, town.begin_journey(LONG_WAIT), await shop.device())
    await ada.open(await ada.objection_link("was added"))
    await ada.sees("Was this not you?")
    await look(ada.device, "not-me")
    await ada.presses("This wasn't me")
    await ada.sees("Thank you. We have stopped it")
    await look(ada.device, "not-me-stopped")
    await ada.fails_to_sign_in_by_passkey("This passkey is on hold")
    await look(ada.device, "sign-in-on-hold")
    await ada.signs_in_by_code()
    await ada.open("/account")
    await ada.reads("We are looking into it")
    await look(ada.device, "account-disputed")


async def getting_back_in(town: Site, shop: Shop, look: Look) -> None:
    """Two proofs, the wait, the link and the new device; and what others see meanwhile."""
    town.let_host_vouch()
    owner = await Visitor.set_up_before(town, town.begin_journey(SLOW_RECOVERY), await shop.device())
    codes = await asyncio.to_thread(owner.phone.new_recovery_codes)
    ada = owner.on(await shop.device())
    await ada.open("/sign-in/more")
    await ada.follows(re.compile("I can’t get in"))
    await look(ada.device, "recover")
    await ada.follows(re.compile("A recovery code"))
    await ada.types("nobody", into="Phone number or e-mail")
    await ada.types(codes[1], into="Recovery code")
    await ada.presses("Go on")
    await look(ada.device, "recover-code-mistyped")
    await ada.types(town.email(ada.account_id), into="Phone number or e-mail")
    await ada.types(codes[1], into="Recovery code")
    await ada.presses("Go on")
    await ada.sees("One more thing")
    await look(ada.device, "recover-one-more")
    await ada.follows(re.compile("Talk to our people"))
    await look(ada.device, "recover-host")
    await ada.follows("See how far I am")
    await ada.follows(re.compile("A code by e-mail"))
    await look(ada.device, "recover-email")
    await ada.presses("Send the code")
    await look(ada.device, "recover-email-code")
    await ada.types("000000", into="Code")
    await ada.presses("Go on")
    await look(ada.device, "recover-email-code-mistyped")
    await ada.types(await ada.proof_code(), into="Code")
    await ada.presses("Go on")
    await ada.sees("Now we wait a little")
    await _open_everything(ada.page)
    await look(ada.device, "recover-waiting")
    await owner.open("/sign-in")
    await owner.unlocks("Sign in with a passkey", then="/account/recovery")
    await look(owner.device, "recover-question")
    await owner.open("/account")
    await look(owner.device, "account-recovery")
    await owner.open("/account/recovery")
    await owner.presses("Yes, it was me: open it now")
    await look(owner.device, "recover-hastened")
    link = await ada.way_back()
    await ada.open("/recover/request")
    await ada.sees("You can come in")
    await look(ada.device, "recover-open")
    elsewhere = owner.on(await shop.device())
    await elsewhere.open(link)
    await look(elsewhere.device, "recover-elsewhere")
    await ada.open(link)
    await look(ada.device, "recover-device")
    await ada.presses("Yes, go on here")
    await look(ada.device, "recover-passkey")
    await ada.unlocks("Set it up", then="/device/prove")
    await look(ada.device, "recover-prove")
    await ada.unlocks("Try it now", then="/recover/done")
    await look(ada.device, "recover-done")
    await ada.presses("Show my new recovery codes")
    await look(ada.device, "recover-new-codes")
    await _a_request_that_is_stopped(town, shop, look)


async def _a_request_that_is_stopped(town: Site, shop: Shop, look: Look) -> None:
    owner = await Visitor.set_up_before(town, town.begin_journey(SLOW_RECOVERY), await shop.device())
    codes = await asyncio.to_thread(owner.phone.new_recovery_codes)
    thief = owner.on(await shop.device())
    await thief.open("/recover/code")
    await thief.types(town.email(owner.account_id), into="Phone number or e-mail")
    await thief.types(codes[1], into="Recovery code")
    await thief.presses("Go on")
    await thief.open("/recover/sms")
    await thief.presses("Send the code")
    await thief.types(await thief.next_code(), into="Code")
    await thief.presses("Go on")
    await look(thief.device, "recover-one-root")
    await thief.open("/recover/email")
    await thief.presses("Send the code")
    await thief.types(await thief.proof_code(), into="Code")
    await thief.presses("Go on")
    await owner.open("/sign-in")
    await owner.unlocks("Sign in with a passkey", then="/account/recovery")
    await owner.presses("No, that wasn't me: stop it")
    await look(owner.device, "recover-refused")
    await thief.open("/recover/request")
    await thief.sees("This was stopped")
    await look(thief.device, "recover-stopped")


async def a_check_up(town: Site, shop: Shop, look: Look) -> None:
    """Looking through the ways in after the last text message, one question at a time."""
    account_id = town.begin_journey(SHORT_PROBATION)
    ada = await Visitor.set_up_before(town, account_id, await shop.device())
    await eventually(lambda: town.sms(account_id) is SmsState.REMOVED, "SMS is removed", within=150)
    await ada.signs_in_by_passkey()
    upkeep.invite(town, account_id)
    upkeep.grow_old(town, account_id)
    await ada.open("/account")
    await look(ada.device, "account-check-up")
    await ada.follows("Look through them")
    await ada.sees("Does this device still work?")
    await look(ada.device, "check-up-device")
    await ada.follows("I have it, but not here")
    await ada.sees("Your recovery codes are used up")
    await look(ada.device, "check-up-codes")
    await ada.follows("Not now")
    await ada.sees("Only one way in")
    await look(ada.device, "check-up-second-way")
    await ada.follows("Not now")
    await ada.sees("Do these still work?")
    await look(ada.device, "check-up-glance")
    await ada.presses("I have all of it")
    await ada.sees("Thank you")
    await look(ada.device, "check-up-done")


async def _open_everything(page: Page) -> None:
    for summary in await page.locator("summary").all():
        await summary.click()


CHAPTERS: tuple[Chapter, ...] = (
    the_door,
    the_set_up,
    another_device,
    an_app,
    ceremonies,
    the_account,
    an_objection,
    getting_back_in,
    a_check_up,
)
