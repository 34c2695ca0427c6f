"""Receives a crowd's messages: one task reads the development inbox, and many people wait for their messages."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from domain.facts import Milestone
from domain.messages.messages import Template, nudge_template
from domain.safety.objections import can_be_objected_to
from providers.inbox import Inbox, InboxItem
from store.messages.notices import same_event

LOOK_EVERY = 0.2
"""Seconds."""


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """One message, with its template.

    A notice comes by several channels, and all its messages have the same `event`.
    """

    key: str
    event: str
    to: str
    template: Template
    words: str


class NothingCame(Exception):
    """A message did not come in time."""


class Mailbox:
    """The messages that arrived since the mailbox was opened, by contact."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self._place = inbox.end
        self._arrived: dict[str, list[Arrival]] = defaultdict(list)
        self._news = asyncio.Condition()

    async def look(self) -> list[Arrival]:
        """Read the new messages, and wake the people who wait."""
        items, self._place = await asyncio.to_thread(self._inbox.since, self._place)
        arrivals = [_arrival(item) for item in items]
        async with self._news:
            for arrival in arrivals:
                self._arrived[arrival.to].append(arrival)
            if arrivals:
                self._news.notify_all()
        return arrivals

    def count(self, contact: str, template: Template) -> int:
        """How many messages of a kind have arrived at a contact."""
        return sum(arrival.template is template for arrival in self._arrived[contact])

    async def wait(
        self,
        contacts: Iterable[str],
        templates: Iterable[Template],
        read_events: set[str],
        *,
        link: str,
        within: float,
    ) -> Arrival:
        """Wait for the first message to one of these contacts that has one of these templates and contains the link.

        It leaves out messages whose event is in `read_events`, and adds the event of the result. Raises NothingCame
        after `within` seconds.
        """
        among, kinds = tuple(contacts), frozenset(templates)
        try:
            async with asyncio.timeout(within), self._news:
                while (arrival := self._find(among, kinds, read_events, link)) is None:
                    await self._news.wait()
        except TimeoutError:
            kind = next(iter(kinds)) if len(kinds) == 1 else "reminder"
            raise NothingCame(f"no {kind} came within {within:.0f} s") from None
        read_events.add(arrival.event)
        return arrival

    def _find(
        self, contacts: tuple[str, ...], kinds: frozenset[Template], read_events: set[str], link: str
    ) -> Arrival | None:
        candidates = (arrival for contact in contacts for arrival in self._arrived[contact])
        return next(
            (
                arrival
                for arrival in candidates
                if arrival.template in kinds and arrival.event not in read_events and link in arrival.words
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
    """The template of a message with this key.

    A key begins with `migration:` for reminders, with `rollout:` for messages to operators, or else with the account.
    """
    parts = key.split(":")
    match parts[0]:
        case "migration":
            return nudge_template(Milestone(parts[2]))
        case "rollout":
            return Template.GUARDRAIL_FAILED
    return Template(parts[1])
