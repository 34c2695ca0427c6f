"""Devices in front of people: a browser each, with a screen lock that keeps passkeys, and an ear for complaints."""

import shutil
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Self

from playwright.async_api import (
    Browser,
    BrowserContext,
    CDPSession,
    ConsoleMessage,
    Page,
    async_playwright,
    expect,
)

from providers.software_authenticator import HeldKey, to_pkcs8
from tests.journeys.site import ADDRESSES

CHROMIUM = shutil.which("chromium")

PHONE = {"width": 390, "height": 844}

_PATIENCE_MS = 20_000  # for a machine that does much else; whatever is there sooner is taken at once

_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_REFUSAL = "Failed to load resource: the server responded with a status of 4"

# An authenticator that is unlocked answers what the field asks just as well as what a button asks.
_NO_OFFERS = "PublicKeyCredential.isConditionalMediationAvailable = async () => false"


class ScreenLock:
    """The authenticator built into a device. It answers only while its owner unlocks."""

    def __init__(self, cdp: CDPSession, authenticator_id: str, rp_id: str) -> None:
        self._cdp = cdp
        self._id = authenticator_id
        self._rp_id = rp_id

    @classmethod
    async def fit(
        cls, cdp: CDPSession, *, synced: bool, transport: str = "internal", rp_id: str = "localhost"
    ) -> Self:
        """Put one into a device: `synced` passkeys are in the owner's cloud as well.

        By another `transport` it lies beside the device: `cable` is a phone, `usb` a security key.
        """
        await cdp.send("WebAuthn.enable", {"enableUI": False})
        options = {
            "protocol": "ctap2",
            "transport": transport,
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": False,
            "defaultBackupEligibility": synced,
            "defaultBackupState": synced,
        }
        added = await cdp.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        return cls(cdp, added["authenticatorId"], rp_id)

    async def keep(self, key: HeldKey) -> None:
        """Take over a passkey that was made elsewhere, as a password manager does."""
        credential = {
            "credentialId": _base64(key.credential_id),
            "isResidentCredential": True,
            "rpId": self._rp_id,
            "privateKey": _base64(to_pkcs8(key.private)),
            "userHandle": _base64(key.user_handle),
            "signCount": key.sign_count,
            "backupEligibility": True,
            "backupState": True,
        }
        await self._send("addCredential", credential=credential)

    @asynccontextmanager
    async def unlocked(self, *, by_its_owner: bool = True) -> AsyncIterator[None]:
        """Somebody unlocks the device while this lasts; a stranger is not let in."""
        await self._send("setUserVerified", isUserVerified=by_its_owner)
        await self._send("setAutomaticPresenceSimulation", enabled=True)
        yield
        await self._send("setAutomaticPresenceSimulation", enabled=False)

    async def passkeys(self) -> list[dict[str, Any]]:
        """The passkeys in it."""
        credentials: list[dict[str, Any]] = (await self._send("getCredentials"))["credentials"]
        return credentials

    async def break_down(self) -> None:
        """It is gone."""
        await self._send("removeVirtualAuthenticator")

    async def _send(self, what: str, **details: Any) -> Any:
        return await self._cdp.send(f"WebAuthn.{what}", {"authenticatorId": self._id, **details})


@dataclass
class Device:
    """A phone or computer: one page, one screen lock. `cdp` is the page's debugger; detaching breaks the lock."""

    page: Page
    cdp: CDPSession
    lock: ScreenLock
    complaints: list[str] = field(default_factory=list)
    """What the browser wrote to its console as an error: broken scripts, breaches of the content security policy."""

    async def beside(self, transport: str) -> ScreenLock:
        """Lay a phone (`cable`) or a security key (`usb`) beside it."""
        return await ScreenLock.fit(self.cdp, synced=transport == "cable", transport=transport)

    async def tab(self) -> "Device":
        """Another tab of its browser, which reaches a screen lock of its own."""
        page = await self.page.context.new_page()
        page.set_default_timeout(_PATIENCE_MS)
        cdp = await page.context.new_cdp_session(page)
        lock = await ScreenLock.fit(cdp, synced=True)
        tab = Device(page=page, cdp=cdp, lock=lock, complaints=self.complaints)
        tab.listen()
        return tab

    def listen(self) -> None:
        """Note what goes wrong on any of its pages."""
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _hear(self, message: ConsoleMessage) -> None:
        # A refusal is an answer like others; the browser just mentions it.
        if message.type in ("error", "warning") and not message.text.startswith(_REFUSAL):
            self.complaints.append(f"{message.text} ({self.page.url})")


@dataclass
class Shop:
    """Where devices come from."""

    browser: Browser
    origin: str
    sold: list[Device] = field(default_factory=list)

    async def device(self, *, synced: bool = True, offers_in_field: bool = False, **options: Any) -> Device:
        """A new device with nothing on it; its browser may offer passkeys in the fields of forms."""
        context = await self._context(options)
        if not offers_in_field:
            await context.add_init_script(_NO_OFFERS)
        page = await context.new_page()
        page.set_default_timeout(_PATIENCE_MS)
        cdp = await context.new_cdp_session(page)
        device = Device(page=page, cdp=cdp, lock=await ScreenLock.fit(cdp, synced=synced))
        device.listen()
        self.sold.append(device)
        return device

    async def server(self) -> Device:
        """The machine that Offramp itself runs on, with no proxy in between."""
        return await self.device(extra_http_headers={})

    async def close(self) -> None:
        """Take all devices back."""
        for device in self.sold:
            await device.page.context.close()

    async def _context(self, options: dict[str, Any]) -> BrowserContext:
        usual: dict[str, Any] = {
            "base_url": self.origin,
            "viewport": PHONE,
            "locale": "en-GB",
            "extra_http_headers": {"x-forwarded-for": next(ADDRESSES)},
        }
        return await self.browser.new_context(**usual | options)


@asynccontextmanager
async def running_chromium() -> AsyncIterator[Browser]:
    """Debian's Chromium, without a window."""
    expect.set_options(timeout=_PATIENCE_MS)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=_ARGUMENTS, headless=True)
        yield browser
        await browser.close()


def _base64(raw: bytes) -> str:
    return b64encode(raw).decode()
