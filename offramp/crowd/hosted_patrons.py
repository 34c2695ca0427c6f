"""Customers of a host whose people set up passkeys on Offramp's pages, and come back."""

from html import unescape
from typing import ClassVar

from domain.journal import EventKind
from offramp.crowd.browsers import FetchedPage, Surprise
from offramp.crowd.excerpts import first_match
from offramp.crowd.patrons import Patron


class HostedPatron(Patron):
    """Goes from the host's offer to Offramp's pages, without signing in again, and back."""

    offer_path: ClassVar[str] = "/offer"

    async def sets_up(self) -> None:
        """Take the offer, set up on Offramp's pages, and come back to the host."""
        page = await self.answers("went")
        if page.path != "/setup/passkey":
            raise Surprise(f"the offer led to {page.path}")
        self.me.event_counts[EventKind.SIGNED_IN] += 1
        await self.me.sees_prompt()
        await self.me.makes_passkey()
        await self.me.tries_passkey()
        await self.me.keeps_recovery_codes()
        await self._comes_back(await self.browser.get("/oidc/back"))

    async def shows_passkey(self, page: FetchedPage) -> None:
        """Sign in by passkey at Offramp's sign-in page, to which the password has led."""
        if page.path != "/sign-in":
            raise Surprise(f"without codes, the password led to {page.path}")
        options = await self.browser.send("/sign-in/passkey/options")
        onward = await self.browser.send("/sign-in/passkey", self.me.device.authenticator.get(options))
        self.me.event_counts[EventKind.PASSKEY_SIGNED_IN] += 1
        await self._comes_back(await self.browser.get(onward["next"]))

    async def _comes_back(self, page: FetchedPage) -> None:
        """Follow the page that leads back to the host."""
        way_out = unescape(first_match(r'<a class="button" href="([^"]+)"', page.text))
        if not way_out.startswith(f"{self.host}/"):
            raise Surprise("the way back does not lead to the host")
        first_match("(Hello, )", (await self.browser.get(way_out)).text)
