"""Customers of a host that has passkeys of its own; they never see a page of Offramp's."""

import re
from typing import ClassVar

from domain.journal import EventKind
from offramp.crowd.browsers import FetchedPage
from offramp.crowd.excerpts import first_match
from offramp.crowd.patrons import Patron

_TRY = 'data-ceremony="use"'
_OFFERED = "/offer?answer=cannot"
"""On a step's page only where Offramp has asked for this step; whoever goes on from there has answered."""


class OrchestratedPatron(Patron):
    """Does every ceremony on the host's own pages; their authenticator reports the host's origin."""

    offer_path: ClassVar[str] = "/secure"

    @property
    def letter_link(self) -> str:
        """The host's own page, since Offramp has none."""
        return f"{self.host}{self.offer_path}"

    async def sets_up(self) -> None:
        """Make a passkey, try it, and keep recovery codes, on the host's pages one after the other."""
        await self._makes_passkey(await self._opens("passkey_enrolled"))
        await self._tries_passkey(await self._opens("passkey_proven"))
        await self._keeps_codes(await self._opens("second_route_ready"))

    async def shows_passkey(self, page: FetchedPage) -> None:
        """Sign in by passkey on the page that the password has led to."""
        await self._uses_passkey(page)
        first_match("(Hello, )", (await self.browser.get(f"{self.host}/")).text)

    async def _opens(self, step: str) -> FetchedPage:
        return await self.browser.get(f"{self.host}{self.offer_path}?step={step}")

    async def _makes_passkey(self, page: FetchedPage) -> None:
        first_match('(data-ceremony="new")', page.text)
        options = await self.browser.send(f"{self.host}/passkeys/new/options")
        passkey = self.me.device.authenticator.create(options)
        await self.browser.send(f"{self.host}/passkeys/new", passkey, status=204)
        self.me.event_counts[EventKind.PASSKEY_BOUND] += 1
        self._goes_on_from(page)

    async def _tries_passkey(self, page: FetchedPage) -> None:
        await self._uses_passkey(page)
        self.me.event_counts[EventKind.PASSKEY_PROVEN] += 1

    async def _keeps_codes(self, page: FetchedPage) -> None:
        shown = await self.browser.post(f"{self.host}/codes/new")
        self.me.event_counts[EventKind.RECOVERY_CODES_MADE] += 1
        self._goes_on_from(page)
        self.me.recovery_codes = re.findall(r"<code>([0-9a-f-]+)</code>", shown.text)
        await self.browser.post(f"{self.host}/codes", code=self.me.recovery_codes[0])
        self.me.event_counts[EventKind.RECOVERY_CODES_PROVEN] += 1

    async def _uses_passkey(self, page: FetchedPage) -> None:
        first_match(f"({_TRY})", page.text)
        options = await self.browser.send(f"{self.host}/passkeys/use/options")
        answer = self.me.device.authenticator.get(options)
        await self.browser.send(f"{self.host}/passkeys/use", answer, status=201)
        self.me.event_counts[EventKind.PASSKEY_SIGNED_IN] += 1

    def _goes_on_from(self, page: FetchedPage) -> None:
        self.me.event_counts[EventKind.PROMPT_SEEN] += _OFFERED in page.text
