"""A person in front of a browser: does on the pages what people do, and finds everything by what it says there."""

import asyncio
import re
from datetime import datetime
from typing import Self

from playwright.async_api import Locator, Route, expect

from domain.facts import Channel
from tests.journeys.browser import Device
from tests.journeys.people import Person
from tests.journeys.site import Site
from tests.phone_apps import PhoneApp

FIRST_STEP = re.compile(r"Is this your e-mail\?|What is your e-mail\?")


class Visitor:
    """One account's owner, with a device in hand."""

    def __init__(self, site: Site, account_id: str, device: Device, phone: Person | None = None) -> None:
        self.site = site
        self.account_id = account_id
        self.device = device
        self.page = device.page
        self.codes: list[str] = []
        self.pressed: list[str] = []
        self.phone = phone or Person(site, account_id)  # which knows the codes that were read before

    @classmethod
    async def set_up_before(cls, site: Site, account_id: str, device: Device) -> Self:
        """Somebody who has been through the whole set-up and now holds a device with that passkey."""
        before = Person(site, account_id)
        await asyncio.to_thread(before.set_up, site.email(account_id))
        await device.lock.keep(before.device.keys[0])
        return cls(site, account_id, device, before)

    def on(self, device: Device) -> "Visitor":
        """The same person with another device in hand."""
        return Visitor(self.site, self.account_id, device, self.phone)

    async def open(self, path: str) -> None:
        """Type an address."""
        await self.page.goto(path)

    async def sees(self, heading: str | re.Pattern[str]) -> None:
        """The page that is open says this at the top, and all of it is there."""
        await expect(self.heading).to_have_text(heading)
        await self.page.wait_for_load_state()

    async def reads(self, words: str | re.Pattern[str]) -> None:
        """These words stand on the page."""
        await expect(self.page.get_by_role("main")).to_contain_text(words)

    async def presses(self, name: str | re.Pattern[str]) -> None:
        """Press a button."""
        await self._press(self.button(name))

    async def follows(self, name: str | re.Pattern[str]) -> None:
        """Follow a link."""
        await self._press(self.page.get_by_role("link", name=name))

    async def _press(self, element: Locator) -> None:
        words = await element.inner_text()
        await element.click()
        self.pressed.append(words)

    async def types(self, text: str, *, into: str | re.Pattern[str]) -> None:
        """Fill in a field."""
        await self.page.get_by_label(into, exact=True).fill(text)

    @property
    def heading(self) -> Locator:
        """What the page is about."""
        return self.page.get_by_role("heading", level=1)

    def button(self, name: str | re.Pattern[str]) -> Locator:
        """A button by its whole name."""
        return self.page.get_by_role("button", name=name, exact=True)

    def section(self, name: str) -> Locator:
        """A part of the account page."""
        return self.page.get_by_role("region", name=name)

    async def asks_for_code(self) -> None:
        """Type the phone number at the door."""
        await self.open("/sign-in")
        await self.types(self.site.phone(self.account_id), into="Phone number or e-mail")
        await self.presses("Text me a code")
        await self.sees("Type the code")

    async def signs_in_by_code(self) -> None:
        """Ask for a code, and type the one that arrives."""
        await self.asks_for_code()
        await self.types_code()

    async def types_code(self) -> None:
        """Type the code of the text message."""
        await self.types(await self.next_code(), into="Code")
        await self.presses("Sign in")

    async def skips_saying_why(self) -> None:
        """Somebody with a passkey who came in by a text message is asked why, and need not say it."""
        await self.sees("You are signed in")
        await self.follows("Skip this")
        await self.sees("How you sign in")

    async def next_code(self) -> str:
        """Wait for the next text message with a code."""
        return await asyncio.to_thread(self.phone.next_code)

    async def signs_in_by_passkey(self) -> None:
        """Unlock the device at the door."""
        await self.open("/sign-in")
        await self.unlocks("Sign in with a passkey", then="/account")

    async def signs_in_slowly(self) -> asyncio.Event:
        """Unlock the device at the door, by a network that takes the answer only when the event is set."""
        is_there, may_go_on = asyncio.Event(), asyncio.Event()

        async def hold(route: Route) -> None:
            is_there.set()
            await may_go_on.wait()
            await route.continue_()

        await self.open("/sign-in")
        await self.page.route("**/sign-in/passkey", hold)
        async with self.device.lock.unlocked():
            await self.presses("Sign in with a passkey")
            await asyncio.wait_for(is_there.wait(), timeout=20)
        return may_go_on

    async def fails_to_sign_in_by_passkey(self, why: str) -> None:
        """Unlock the device at the door, and read why that does not help."""
        await self.open("/sign-in")
        async with self.device.lock.unlocked():
            await self.presses("Sign in with a passkey")
            await self.reads(why)

    async def unlocks(self, button: str, *, then: str) -> None:
        """Press a button that asks for the screen lock, unlock, and be led on."""
        async with self.device.lock.unlocked():
            await self.presses(button)
            await self.page.wait_for_url(f"**{then}")

    async def fails_to_unlock(self, button: str) -> None:
        """Press a button that asks for the screen lock, and let a stranger try."""
        async with self.device.lock.unlocked(by_its_owner=False):
            await self.presses(button)
            await expect(self.button(button)).not_to_have_attribute("aria-busy", "true")

    async def asks_for_letter(self) -> str:
        """Have the address confirmed by a letter; returns its code."""
        await self.sees(FIRST_STEP)
        await self.presses("Send me a code")
        await self.sees("Check your e-mail")
        return (await self.letter("confirms your e-mail")).split()[0]

    async def letter(self, words: str) -> str:
        """Wait for an e-mail that says this; returns subject and text."""
        to = self.site.email(self.account_id)
        item = await asyncio.to_thread(self.site.arrival, to, words, channel=Channel.EMAIL)
        return f"{item.subject}\n{item.text}"

    async def verifies_email(self) -> None:
        """Confirm the address by code."""
        await self.types(await self.asks_for_letter(), into="Code")
        await self.presses("Confirm")

    async def makes_passkey(self) -> None:
        """Make a passkey on this device."""
        await self.sees("Sign in with your face, fingerprint or screen lock")
        await self.unlocks("Set it up on this device", then="/setup/prove")

    async def tries_passkey(self) -> None:
        """Sign in with it once."""
        await self.sees("Now try it once")
        await self.unlocks("Try it now", then="/setup/second")

    async def device_link(self) -> str:
        """The link below the QR code, for a device that has no camera."""
        await self.sees("Add another device")
        await self.page.get_by_text("It's a computer, or has no camera?").click()
        return await self.page.get_by_text(f"{self.site.origin}/device?token=").inner_text()

    async def proof_code(self) -> str:
        """The code of the letter that proves the address."""
        text = await self.letter("get back into your")
        return next(line for line in text.splitlines() if line.isdigit())

    async def way_back(self) -> str:
        """The link that ends the waiting of a recovery."""
        text = await self.letter("The way back into your")
        return next(word for word in text.split() if "/recover/open/" in word)

    async def letter_link(self) -> str:
        """The link in the letter that confirms the address."""
        letter = await self.letter("confirms your e-mail")
        return next(word for word in letter.split() if "/verify-email?token=" in word)

    async def objection_link(self, words: str) -> str:
        """The link "This wasn't me" in the letter that says this."""
        return next(word for word in (await self.letter(words)).split() if "/not-me/" in word)

    async def has_no_device(self) -> None:
        """Say that there is no device that could do it."""
        await self.follows("I can't do this now")
        await self.sees("That's all right")
        await self.page.get_by_label("suitable phone or computer").check()
        await self.presses("Go on")
        await self.sees("A key for your pocket")

    async def adds_an_app(self) -> PhoneApp:
        """Take the secret of the page into an app, by typing the key."""
        await self.sees("An app that shows codes")
        return PhoneApp.typed(await self.page.content())

    async def signs_in_by_app(self, app: PhoneApp, *, at: datetime) -> None:
        """Type the code that the app shows at a moment."""
        await self.open("/sign-in")
        await self.follows("More ways to sign in")
        await self.follows(re.compile("Use your authenticator app"))
        await self.types(self.site.phone(self.account_id), into="Phone number or e-mail")
        await self.types(app.code(at), into="Code in the app")
        await self.presses("Sign in")

    async def makes_recovery_codes(self) -> None:
        """Have recovery codes shown, and remember them."""
        await self.sees("Add a second way in")
        await self.presses(re.compile("Recovery codes"))
        await self.sees("Keep these codes safe")
        self.codes = await self.page.locator(".codes code").all_inner_texts()

    async def types_one_back(self) -> None:
        """Show that the codes are kept, by the end of the one that is asked for."""
        label = await self.page.get_by_text(re.compile(r"^Last four of code \d$")).inner_text()
        code = self.codes[int(label.split()[-1]) - 1]
        await self.types(code[-4:], into=label)
        await self.presses("Done")
        await self.sees("You're all set")

    async def sets_up(self) -> None:
        """The whole way from the door to the last page."""
        await self.signs_in_by_code()
        await self.verifies_email()
        await self.makes_passkey()
        await self.tries_passkey()
        await self.makes_recovery_codes()
        await self.types_one_back()
