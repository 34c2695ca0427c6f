"""Tells what became of a crowd's messages, as providers do by their callbacks: most arrive, some never can.

The inbox signs nothing, so this does not come by HTTP; it goes the way that a verified callback goes from there on.
"""

from collections.abc import Iterable
from datetime import datetime

from domain.facts import Channel
from domain.messages.callbacks import ProviderEvent
from domain.messages.messages import Fate
from offramp.crowd.kinds import PersonKind
from offramp.crowd.mailbox import Arrival
from offramp.crowd.plan import Character
from services.container import Services
from services.messages import fates

INBOX = "inbox"


class Postman:
    """Tells of the messages to the people of one crowd; what went to others is left alone."""

    def __init__(self, services: Services, characters: Iterable[Character]) -> None:
        self._services = services
        self._fates: dict[str, Fate] = {}
        for character in characters:
            for contact, fate in fates_of(character).items():
                self._fates[contact] = fate

    def tell(self, arrivals: Iterable[Arrival]) -> None:
        """Say of each message what became of it."""
        now = self._services.clock()
        events = [
            _event(arrival, self._fates[arrival.to], now) for arrival in arrivals if arrival.to in self._fates
        ]
        if events:
            fates.hear(self._services, INBOX, events)


def fates_of(character: Character) -> dict[str, Fate]:
    """What becomes of whatever is sent to the contacts of a person."""
    contacts = contacts_of(character)
    told = dict.fromkeys(contacts.values(), Fate.DELIVERED)
    if character.kind is PersonKind.BOUNCING:
        told[character.email] = Fate.BOUNCED
    if character.kind is PersonKind.UNREACHABLE:
        told[character.phone] = Fate.UNDELIVERABLE
    return told


def contacts_of(character: Character) -> dict[Channel, str]:
    """The contacts that a person begins with."""
    return {Channel.EMAIL: character.email, Channel.SMS: character.phone}


def _event(arrival: Arrival, fate: Fate, at: datetime) -> ProviderEvent:
    return ProviderEvent(key=arrival.key, fate=fate, reason=f"crowd_{fate}", at=at)
