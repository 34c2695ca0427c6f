"""One person of a crowd, who uses the pages as people do, and counts the events that a person knows of."""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from random import Random

from domain.authenticator_apps import step_of
from domain.codes import ENDING
from domain.facts import Milestone
from domain.journal import EventKind
from domain.messages.messages import Template, nudge_template
from domain.prompts import CannotReason
from offramp.crowd.browsers import Browser, FetchedPage, Surprise
from offramp.crowd.environment import Scenery
from offramp.crowd.excerpts import code_in, first_match, link_in
from offramp.crowd.mailbox import Arrival, Mailbox
from offramp.crowd.plan import Character
from providers.authenticator_apps import code_at
from providers.software_authenticator import Authenticator
from store.people.challenges import Ceremony

_PROVISIONAL = 'id="news"'
"""The heading of what is not final yet, on the account page."""
_LOOK_AGAIN = 0.5
"""Seconds."""

REMINDERS = tuple(nudge_template(milestone) for milestone in Milestone)


OBJECTION = "/not-me/"
STOP = "/no-reminders/"
"""The paths of links in messages: the page of an objection, and the page that ends reminders."""


class TooSlow(Exception):
    """What comes next takes days under this policy, or the word of somebody else; the person's story ends here."""


@dataclass(kw_only=True)
class Device:
    """A browser with an authenticator; `tried` once its passkey has signed in."""

    browser: Browser
    authenticator: Authenticator
    tried: bool = False


@dataclass(kw_only=True)
class CrowdMember:
    """The owner of an account. `event_counts` has the journal's kinds of events that the person knows of."""

    character: Character
    scenery: Scenery
    mailbox: Mailbox
    open_browsers: AsyncExitStack
    device: Device = field(init=False)
    random: Random = field(init=False)
    event_counts: Counter[EventKind] = field(default_factory=Counter)
    read_events: set[str] = field(default_factory=set)
    recovery_codes: list[str] = field(default_factory=list)

    async def pick_up(self) -> Device:
        """Take a device that nobody has used before."""
        make = self.character.make
        browser = self.scenery.browser(make.agent)
        await self.open_browsers.enter_async_context(browser)
        authenticator = Authenticator(
            origin=self.scenery.origin, rp_id=self.scenery.rp_id, synced=make.synced
        )
        return Device(browser=browser, authenticator=authenticator)

    async def hears(self, *templates: Template, link: str = "") -> Arrival:
        """Wait for the next message of one of these kinds, by any channel. With `link`, it must contain the link."""
        contacts = (self.character.email, other_address(self.character), self.character.phone)
        return await self.mailbox.wait(
            contacts, templates, self.read_events, link=link, within=self.scenery.patience
        )

    async def hears_from_journey(self, *templates: Template, link: str = "") -> Arrival:
        """Wait for the next message that a journey sends by its policy. Raises TooSlow if it takes days."""
        if not self.scenery.is_quick:
            raise TooSlow
        return await self.hears(*templates, link=link)

    async def sees_sms_go(self) -> None:
        """Hear that text-message codes are switched off.

        Raises TooSlow if only the SIM's holder hears of changes: then they stay until somebody vouches for the SIM.
        """
        if not self.character.is_told_elsewhere:
            raise TooSlow
        await self.hears_from_journey(Template.SMS_SUSPENDED)
        self.event_counts[EventKind.SMS_SUSPENDED] += 1

    async def sees_sms_gone(self) -> None:
        """Hear that text-message codes are switched off for good."""
        await self.hears_from_journey(Template.SMS_REMOVED)
        self.event_counts[EventKind.SMS_REMOVED] += 1

    async def asks_for_code(self, browser: Browser) -> str:
        """Type the phone number, and return the code of the text message that comes."""
        await browser.get("/sign-in")
        await browser.post("/sign-in", identifier=self.character.phone)
        with self.scenery.timed():
            return code_in(await self.hears(Template.SIGN_IN_CODE))

    async def signs_in_by_code(self, browser: Browser | None = None) -> FetchedPage:
        """Sign in by a text message; returns the page after the sign-in."""
        browser = browser or self.device.browser
        return await self.types_code(await self.asks_for_code(browser), browser)

    async def types_code(self, code: str, browser: Browser | None = None) -> FetchedPage:
        """Sign in by this code; returns the page after the sign-in."""
        page = await (browser or self.device.browser).post("/sign-in/code", code=code)
        self.event_counts[EventKind.SIGNED_IN] += 1
        return page

    async def mistypes_code(self, code: str, browser: Browser | None = None) -> None:
        """Type a wrong code. It counts as a failed sign-in while the right code has tries left."""
        await (browser or self.device.browser).post("/sign-in/code", status=400, code=other_code(code))
        self.event_counts[EventKind.SIGN_IN_FAILED] += 1

    async def verifies_email(self, email: str | None = None) -> None:
        """Confirm the address, or another one, by the code in the letter."""
        code = await self.asks_for_letter(email)
        await self.device.browser.post("/setup/email/code", code=code)
        self.event_counts[EventKind.EMAIL_VERIFIED] += 1

    async def asks_for_letter(self, email: str | None = None) -> str:
        """Have a letter sent to the address, and return its code."""
        await self.device.browser.get("/setup/email")
        await self.device.browser.post("/setup/email", email=email or self.character.email)
        with self.scenery.timed():
            return code_in(await self.hears(Template.VERIFY_EMAIL))

    async def sees_prompt(self, *, capable: bool = True) -> None:
        """Open the page that offers a passkey; its script tells what the device can do."""
        await self.device.browser.get("/setup/passkey")
        await self.device.browser.send("/setup/seen", {"capable": capable}, status=204)
        self.event_counts[EventKind.PROMPT_SEEN] += 1

    async def makes_passkey(self, device: Device | None = None) -> None:
        """Create a passkey on this device, or on another."""
        device = device or self.device
        options = await device.browser.send("/passkeys/options")
        await device.browser.send("/passkeys", device.authenticator.create(options))
        self.event_counts[EventKind.PASSKEY_BOUND] += 1

    async def tries_passkey(self, device: Device | None = None) -> None:
        """Use the passkey once on the device on which it was made."""
        device = device or self.device
        options = await device.browser.send("/passkeys/prove/options")
        await device.browser.send("/passkeys/prove", device.authenticator.get(options))
        self._used(device)

    async def signs_in_by_passkey(self, device: Device | None = None) -> None:
        """Sign in by passkey on the sign-in page."""
        if not await self.is_let_in_by_passkey(device):
            raise Surprise("/sign-in/passkey turned away a passkey that should sign in")

    async def is_let_in_by_passkey(self, device: Device | None = None) -> bool:
        """Try to sign in by passkey; returns whether that opens the account."""
        device = device or self.device
        options = await device.browser.send("/sign-in/passkey/options")
        status = await device.browser.attempt("/sign-in/passkey", device.authenticator.get(options))
        if status is not HTTPStatus.OK:
            self.event_counts[EventKind.SIGN_IN_FAILED] += 1
            return False
        await device.browser.get("/account")
        self._used(device)
        return True

    async def sees_passkey_established(self) -> None:
        """Wait until the account page calls nothing provisional. Raises TooSlow if that takes days."""
        if not self.scenery.is_quick:
            raise TooSlow
        async with asyncio.timeout(self.scenery.patience):
            while True:
                page = await self.device.browser.get("/account")
                if _PROVISIONAL not in page.text:
                    return
                await asyncio.sleep(_LOOK_AGAIN)

    async def fails(self, ceremony: Ceremony, name: str) -> None:
        """Begin a ceremony that the device ends with an error, which the page reports."""
        answer = "/passkeys" if ceremony is Ceremony.REGISTRATION else "/passkeys/prove"
        await self.device.browser.send(f"{answer}/options")
        failure = {"ceremony": ceremony, "name": name, "answer": answer}
        await self.device.browser.send("/ceremony/failed", failure, status=204)
        self.event_counts[EventKind.CEREMONY_FAILED] += 1

    async def keeps_recovery_codes(self) -> None:
        """Have recovery codes made, and type one back."""
        await self.makes_recovery_codes()
        await self.types_recovery_code_back()

    async def makes_recovery_codes(self) -> None:
        """Have recovery codes shown."""
        await self.device.browser.get("/setup/second")
        page = await self.device.browser.post("/setup/recovery-codes")
        self.recovery_codes = re.findall(r"<code>([0-9a-z-]+)</code>", page.text)
        self.event_counts[EventKind.RECOVERY_CODES_MADE] += 1

    async def types_recovery_code_back(self) -> None:
        """Type the end of the code that is asked for, to show that the codes are kept."""
        page = await self.device.browser.get("/setup/recovery-codes")
        place = int(first_match(r"Last four of code (\d)", page.text))
        code = self.recovery_codes[place - 1][-ENDING:]
        await self.device.browser.post("/setup/recovery-codes/check", code=code)
        self.event_counts[EventKind.RECOVERY_CODES_PROVEN] += 1

    async def signs_in_by_recovery_code(self) -> None:
        """Sign in by one of the recovery codes, which works only once."""
        await self.device.browser.get("/sign-in/recovery")
        await self.device.browser.post(
            "/sign-in/recovery", identifier=self.character.phone, code=self.recovery_codes.pop()
        )
        self.event_counts.update([EventKind.SIGNED_IN, EventKind.RECOVERY_CODE_USED])

    async def adds_app(self) -> str:
        """Set an authenticator app up by typing its key; returns the key. The code of the present step is used then."""
        page = await self.device.browser.post("/setup/app")
        key = first_match(r'data-copy-source(?:="")?>([A-Z2-7 ]+)<', page.text).replace(" ", "")
        await self.device.browser.post("/setup/app/first-code", code=code_at(key, step_of(_now())))
        self.event_counts[EventKind.AUTHENTICATOR_APP_BOUND] += 1
        return key

    async def signs_in_by_app(self, key: str) -> None:
        """Sign in by what the app shows next, which counts a little early: each code counts once."""
        await self.device.browser.get("/sign-in/app")
        code = code_at(key, step_of(_now()) + 1)
        await self.device.browser.post("/sign-in/app", identifier=self.character.email, code=code)
        self.event_counts[EventKind.SIGNED_IN] += 1

    async def adds_device(self) -> Device:
        """Open the device link on a second device, and make a passkey there. Returns the second device."""
        page = await self.device.browser.post("/setup/device")
        self.event_counts[EventKind.DEVICE_LINK_MADE] += 1
        token = first_match(r"/device\?token=([\w-]+)", page.text)
        second_device = await self.pick_up()
        await second_device.browser.get(f"/device?token={token}")
        await second_device.browser.post("/device", token=token)
        self.event_counts[EventKind.SIGNED_IN] += 1
        await self.makes_passkey(second_device)
        await self.tries_passkey(second_device)
        return second_device

    async def removes_oldest_passkey(self) -> None:
        """Remove the oldest passkey of the account."""
        passkey_id = await self.oldest_passkey_id()
        await self.device.browser.post(f"/account/passkeys/{passkey_id}/remove", is_sure="true")
        self.event_counts[EventKind.PASSKEY_REMOVED] += 1

    async def oldest_passkey_id(self) -> str:
        """The id of the oldest passkey of the account, from the account page."""
        page = await self.device.browser.get("/account")
        return first_match(r"/account/passkeys/([\w-]+)/remove", page.text)

    async def puts_off(self) -> None:
        """ "Remind me later"."""
        await self.device.browser.post("/setup/later")
        self.event_counts[EventKind.PROMPT_SKIPPED] += 1

    async def cannot(self, reason: CannotReason) -> None:
        """ "I can't do this now"."""
        await self.device.browser.get("/setup/cannot")
        await self.device.browser.post("/setup/cannot", reason=reason)
        self.event_counts[EventKind.CANNOT_NOW] += 1

    async def restores_sms(self) -> bool:
        """Switch text-message codes on again; False if they have just been removed."""
        if await self.device.browser.tries("/account/sms/restore"):
            self.event_counts[EventKind.SMS_RESTORED] += 1
            return True
        return False

    async def objects(self, notice: Arrival) -> None:
        """ "This wasn't me", by the link in a letter, signed in or not."""
        path = link_in(notice, OBJECTION)
        await self.device.browser.get(path)
        await self.device.browser.post(path)
        self.event_counts[EventKind.OBJECTED] += 1

    async def ends_reminders(self, letter: Arrival) -> None:
        """No more reminders, by the link in a letter."""
        path = link_in(letter, STOP)
        await self.device.browser.get(path)
        await self.device.browser.post(path)
        self.event_counts[EventKind.REMINDERS_STOPPED] += 1

    def _used(self, device: Device) -> None:
        self.event_counts[EventKind.PASSKEY_SIGNED_IN] += 1
        if not device.tried:
            self.event_counts[EventKind.PASSKEY_PROVEN] += 1
        device.tried = True


@asynccontextmanager
async def playing(character: Character, scenery: Scenery, mailbox: Mailbox) -> AsyncIterator[CrowdMember]:
    """A person with a device in hand; their browsers are closed afterwards."""
    async with AsyncExitStack() as open_browsers:
        person = CrowdMember(
            character=character, scenery=scenery, mailbox=mailbox, open_browsers=open_browsers
        )
        person.random = Random(character.seed)  # noqa: S311, moods and not keys
        person.device = await person.pick_up()
        yield person


def _now() -> datetime:
    return datetime.now(UTC)


def other_address(character: Character) -> str:
    """The second address of a person, for one whose first address does not work."""
    return character.email.replace("@example.com", "@example.org")


def other_code(code: str) -> str:
    """A code that differs from this code."""
    return f"{(int(code) + 1) % 10 ** len(code):0{len(code)}}"
