"""People who sign in at a sample host with its own login; what they set up, and where, each way says by itself."""

import asyncio
import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from domain.journal import EventKind
from offramp.crowd.browsers import Browser, FetchedPage, Surprise
from offramp.crowd.excerpts import first_match
from offramp.crowd.people import CrowdMember

PASSWORD = "correct horse"  # noqa: S105 (everybody's, in the sample hosts)
_LOOK_AGAIN = 2.0
"""Seconds."""


@dataclass(frozen=True, kw_only=True)
class Patron(ABC):
    """A member of a crowd as the customer of a host; `host` is the origin of its pages."""

    offer_path: ClassVar[str]
    """Where the host leads somebody who has signed in and is offered something to set up."""

    me: CrowdMember
    host: str

    @abstractmethod
    async def sets_up(self) -> None:
        """Take the offer, and do the whole set-up; ends signed in at the host."""

    @abstractmethod
    async def shows_passkey(self, page: FetchedPage) -> None:
        """Sign in by passkey from the page that follows the password where codes are off."""

    @property
    def letter_link(self) -> str:
        """What a letter that invites to the set-up must contain; nothing in particular, unless the way says it."""
        return ""

    @property
    def browser(self) -> Browser:
        """The browser in hand, which knows both the host's pages and Offramp's."""
        return self.me.device.browser

    async def is_offered(self) -> None:
        """Sign in by password and the host's code until the host offers something to set up. Raises Surprise.

        A host shows nothing where Offramp does not answer in time, and then offers at a later sign-in.
        """
        try:
            async with asyncio.timeout(self.me.scenery.patience):
                while (await self.signs_in()).path != self.offer_path:
                    await self.signs_out()
                    await asyncio.sleep(_LOOK_AGAIN)
        except TimeoutError:
            raise Surprise(f"the host offered nothing within {self.me.scenery.patience:.0f} s") from None

    async def signs_in(self) -> FetchedPage:
        """Sign in by password and the code that the host texts; returns the page after it."""
        await self.browser.get(f"{self.host}/sign-in")
        await self._types_password()
        texts = await self.browser.get(f"{self.host}/dev/texts")
        code = first_match(rf"To {re.escape(self.me.character.phone)}: (\d{{6}})", texts.text)
        return await self.browser.post(f"{self.host}/sign-in/code", code=code)

    async def signs_in_by_passkey(self) -> None:
        """Sign in by the password, and by the passkey instead of a code."""
        await self.signs_out()
        await self.shows_passkey(await self._types_password())

    async def signs_out(self) -> None:
        """Sign out at the host."""
        await self.browser.post(f"{self.host}/sign-out")

    async def answers(self, answer: str) -> FetchedPage:
        """Answer the offer; whoever answers has seen it."""
        page = await self.browser.post(f"{self.host}/offer?answer={answer}")
        self.me.event_counts[EventKind.PROMPT_SEEN] += 1
        return page

    async def sees_codes(self, *, on: bool) -> None:
        """See on the host's page whether codes by text message are on. Raises Surprise if it is not as expected."""
        page = await self.browser.get(f"{self.host}/")
        first_match(rf"(Codes by text message are {'on' if on else 'off'}\.)", page.text)

    async def _types_password(self) -> FetchedPage:
        return await self.browser.post(
            f"{self.host}/sign-in", email=self.me.character.email, password=PASSWORD
        )
