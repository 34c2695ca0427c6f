"""How people live in a storm: they look at what is so, do what comes next, and after any trouble begin anew.

Stories that cannot begin anew on one account, such as an attack, are told again on another account.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from domain.journal import EventKind
from domain.messages.messages import Template
from offramp.crowd.attacks import ATTACKS, AttackSucceeded
from offramp.crowd.browsers import Surprise
from offramp.crowd.excerpts import code_in
from offramp.crowd.kinds import PersonKind
from offramp.crowd.lives import Life, failing, silent, unable, unreachable, unsubscriber
from offramp.crowd.people import OBJECTION, CrowdMember, other_code
from offramp.crowd.steps import can_change, proves_passkey
from providers.software_authenticator import to_text
from tests.storm.browsers import PatientBrowser
from tests.storm.diaries import Diary

_MOST_STEPS = 12
_CODES_LOOKED_AT = 4
_PAUSE = 1.5
"""Seconds."""


@dataclass(kw_only=True)
class Settler:
    """Somebody who sets everything up, lives on, and in the end has no codes any more.

    `rest` is how many seconds pass between two visits. `trouble` is the last that they met, until all is well again.
    `let_in` has when somebody else came in, and how.
    """

    me: CrowdMember
    diary: Diary
    rest: float
    trouble: str = "the story has not begun"
    let_in: list[tuple[float, str]] = field(default_factory=list)
    _has_mistyped: bool = False
    _has_put_off: bool = False
    _has_second_device: bool = False

    async def live(self, has_passed: Callable[[], bool]) -> None:
        """Live until the storm has passed, and the set-up and one more sign-in by passkey after that have worked."""
        while True:
            if is_last := has_passed():
                self.trouble = self.trouble or "the last visit came to no end"
            try:
                await self._settle()
                await self._come_and_go()
            except Exception as trouble:  # in a storm, people meet everything; what stays is told in the end
                self.trouble = f"{type(trouble).__name__}: {trouble}"
                await asyncio.sleep(_PAUSE)
            else:
                self.trouble = ""
                if is_last:
                    return
                await asyncio.sleep(self.rest * (0.5 + self.me.random.random()))

    async def _settle(self) -> None:
        if self.me.character.kind is PersonKind.MISTYPER and not self._has_mistyped:
            self._has_mistyped = True
            await self._mistypes()
        page = await self.me.device.browser.get("/account")
        if page.path != "/account" and not await self._is_let_in():
            await _signs_in_by_code(self.me)
        for _ in range(_MOST_STEPS):
            page = await self.me.device.browser.get("/setup")
            if page.path == "/setup/done":
                return
            await self._take_step(page.path)
        raise Surprise(f"the set-up comes to no end: it leads to {page.path} again and again")

    async def _mistypes(self) -> None:
        """Type a wrong code once; whoever goes on so has to wait, in a storm as in calm weather."""
        browser = self.me.device.browser
        await browser.get("/sign-in")
        await browser.post("/sign-in", identifier=self.me.character.phone)
        code = other_code(code_in(await self.me.hears(Template.SIGN_IN_CODE)))
        if await browser.attempt("/sign-in/code", code=code) is HTTPStatus.OK:
            self.let_in.append((time.time(), "by a code that is not theirs"))

    async def _take_step(self, path: str) -> None:
        me, kind = self.me, self.me.character.kind
        match path:
            case "/setup/email" | "/setup/email/code":
                await _verifies_email(me)
            case "/setup/passkey":
                await self._makes_passkey()
            case "/setup/prove":
                await self._tries_passkey()
            case "/setup/second" if kind is PersonKind.TWO_DEVICES and not self._has_second_device:
                await me.adds_device()
                self._has_second_device = True
            case "/setup/second":
                await me.keeps_recovery_codes()
            case _:
                raise Surprise(f"the set-up leads to {path}")

    async def _makes_passkey(self) -> None:
        me = self.me
        await me.device.browser.get("/setup/passkey")
        await me.device.browser.send("/setup/seen", {"capable": True}, status=204)
        self.diary.note_unclear("/setup/seen")  # it is on record once, however often it is seen
        if me.character.kind is PersonKind.LAZY and not self._has_put_off:
            await me.puts_off()
            self._has_put_off = True
        await me.makes_passkey()

    async def _tries_passkey(self) -> None:
        device = self.me.device
        options = await device.browser.send("/passkeys/prove/options")
        allowed = {allowance["id"] for allowance in options["allowCredentials"]}
        key = next(key for key in device.authenticator.keys if to_text(key.credential_id) in allowed)
        await device.browser.send("/passkeys/prove", device.authenticator.get(options, key=key))
        self._note_use()

    async def _come_and_go(self) -> None:
        """Sign out, and in again by passkey. What opened the account before must open it no more."""
        browser = self.me.device.browser
        assert isinstance(browser, PatientBrowser)
        cookies = browser.cookies
        await browser.post("/sign-out")
        self.me.event_counts[EventKind.SIGNED_OUT] += 1
        signed_out_at = time.time()
        if await browser.opens_with(cookies, "/account") == "/account":
            self.let_in.append((signed_out_at, "by the session that had signed out"))
        if await _stranger_comes_in(self.me):
            self.let_in.append((signed_out_at, "by a passkey that Offramp has never seen"))
        if not await self._is_let_in():
            raise Surprise("no passkey of the device signs in")

    async def _is_let_in(self) -> bool:
        """Try every passkey of the device, the newest first. Offramp may not know one of them: its answer got lost."""
        device = self.me.device
        for key in reversed(device.authenticator.keys):
            options = await device.browser.send("/sign-in/passkey/options")
            answer = device.authenticator.get(options, key=key)
            if await device.browser.attempt("/sign-in/passkey", answer) is HTTPStatus.OK:
                self._note_use()
                return True
        return False

    def _note_use(self) -> None:
        self.me.event_counts[EventKind.PASSKEY_SIGNED_IN] += 1
        # That it is proven is on record at the first use, whose answer may have got lost.
        self.diary.unclear[EventKind.PASSKEY_PROVEN] += 1


async def _verifies_email(me: CrowdMember) -> None:
    await me.device.browser.get("/setup/email")
    await me.device.browser.post("/setup/email", email=me.character.email)
    await _types_codes(me, Template.VERIFY_EMAIL, "/setup/email/code")
    me.event_counts[EventKind.EMAIL_VERIFIED] += 1


async def _signs_in_by_code(me: CrowdMember) -> None:
    await me.device.browser.get("/sign-in")
    await me.device.browser.post("/sign-in", identifier=me.character.phone)
    await _types_codes(me, Template.SIGN_IN_CODE, "/sign-in/code")
    me.event_counts[EventKind.SIGNED_IN] += 1


async def _types_codes(me: CrowdMember, template: Template, path: str) -> None:
    """Type the codes that come until one is right: one that was asked for earlier may come late. Raises Surprise."""
    for _ in range(_CODES_LOOKED_AT):
        code = code_in(await me.hears(template))
        if await me.device.browser.attempt(path, code=code) is HTTPStatus.OK:
            return
    raise Surprise(f"{path} takes no code")


async def _stranger_comes_in(me: CrowdMember) -> bool:
    """Somebody signs in for the person with a passkey of their own making; returns whether that works."""
    stranger = await me.pick_up()
    handle = to_text(me.device.authenticator.keys[-1].user_handle)
    stranger.authenticator.create({"user": {"id": handle}, "challenge": ""})
    options = await stranger.browser.send("/sign-in/passkey/options")
    answer = stranger.authenticator.get(options)
    return await stranger.browser.attempt("/sign-in/passkey", answer) is HTTPStatus.OK


async def _objector(me: CrowdMember) -> None:
    """Objects to a passkey of their own."""
    await me.signs_in_by_code()
    await proves_passkey(me)
    await me.objects(await me.hears(Template.PASSKEY_BOUND, link=OBJECTION))
    if await can_change(me, me.device):
        raise AttackSucceeded("a passkey that its owner objects to still makes recovery codes")


async def _swapped(me: CrowdMember) -> None:
    """A stranger takes the number over, and adds a passkey; the owner objects."""
    stranger = await me.pick_up()
    await me.signs_in_by_code(stranger.browser)
    await me.makes_passkey(stranger)
    await me.tries_passkey(stranger)
    await me.objects(await me.hears(Template.PASSKEY_BOUND, link=OBJECTION))
    if await can_change(me, stranger):
        raise AttackSucceeded("a stranger's passkey that its owner objects to still makes recovery codes")


STORIES: Mapping[PersonKind, Life] = {
    PersonKind.SILENT: silent,
    PersonKind.UNABLE: unable,
    PersonKind.FAILING: failing,
    PersonKind.UNREACHABLE: unreachable,
    PersonKind.UNSUBSCRIBER: unsubscriber,
    PersonKind.OBJECTOR: _objector,
    PersonKind.SWAPPED: _swapped,
    **ATTACKS,
}
"""Stories that are told from their beginning to their end; everybody else is a Settler."""
