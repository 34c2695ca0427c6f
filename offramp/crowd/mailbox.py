"""What arrives for a crowd: one reader of the development inbox, and many who wait for a message of their own."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from domain.facts import Milestone
from domain.messages.messages import Template, nudge_template
from domain.objections import can_be_objected_to
from providers.inbox import Inbox, InboxItem
from store.messages.notices import same_event

LOOK_EVERY = 0.2
"""Seconds."""


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """One message as its reader sees it; `template` says what kind it is, without a look at its words.

    A notice comes by every channel: all its messages are of one `event`.
    """

    key: str
    event: str
    to: str
    template: Template
    words: str


class NothingCame(Exception):
    """A message was waited for in vain."""


class Mailbox:
    """The messages that arrived since it was opened, by whom they went to."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self._place = inbox.end
        self._arrived: dict[str, list[Arrival]] = defaultdict(list)
        self._news = asyncio.Condition()

    async def look(self) -> list[Arrival]:
        """Read what is new, and wake who waits for it."""
        items, self._place = await asyncio.to_thread(self._inbox.since, self._place)
        arrivals = [_arrival(item) for item in items]
        async with self._news:
            for arrival in arrivals:
                self._arrived[arrival.to].append(arrival)
            if arrivals:
                self._news.notify_all()
        return arrivals

    async def wait(
        self,
        contacts: Iterable[str],
        templates: Iterable[Template],
        read: set[str],
        *,
        link: str,
        within: float,
    ) -> Arrival:
        """The first message of one of these kinds to one of these contacts, with the link, whose event was not read.

        Raises NothingCame after `within` seconds.
        """
        among, kinds = tuple(contacts), frozenset(templates)
        try:
            async with asyncio.timeout(within), self._news:
                while (found := self._find(among, kinds, read, link)) is None:
                    await self._news.wait()
        except TimeoutError:
            what = next(iter(kinds)) if len(kinds) == 1 else "reminder"
            raise NothingCame(f"no {what} came within {within:.0f} s") from None
        read.add(found.event)
        return found

    def _find(
        self, contacts: tuple[str, ...], kinds: frozenset[Template], read: set[str], link: str
    ) -> Arrival | None:
        candidates = (arrival for contact in contacts for arrival in self._arrived[contact])
        return next(
            (
                arrival
                for arrival in candidates
                if arrival.template in kinds and arrival.event not in read and link in arrival.words
            ),
            None,
        )


def _arrival(item: InboxItem) -> Arrival:
    template = _template(item.key)
    return Arrival(
        key=item.key,
        event=same_event(item.key) if can_be_objected_to(template) else item.key,
        to=item.to,
        template=template,
        words=f"{item.subject}\n{item.text}",
    )


def _template(key: str) -> Template:
    """Keys begin with the account, with `migration:` for reminders, or with `rollout:` for what operators hear."""
    parts = key.split(":")
    match parts[0]:
        case "migration":
            return nudge_template(Milestone(parts[2]))
        case "rollout":
            return Template.GUARDRAIL_FAILED
    return Template(parts[1])
