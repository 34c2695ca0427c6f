"""Reports what became of a crowd's messages, as providers do by callbacks: most arrive, but some cannot.

The inbox cannot sign a callback, so the reports bypass HTTP and its check. The rest works as for a verified callback.
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
    """Reports on messages to the people of one crowd, and leaves all other messages alone."""

    def __init__(self, services: Services, characters: Iterable[Character]) -> None:
        self._services = services
        self._fates: dict[str, Fate] = {}
        for character in characters:
            for contact, fate in fates_of(character).items():
                self._fates[contact] = fate

    def tell(self, arrivals: Iterable[Arrival]) -> None:
        """Report what became of each message."""
        now = self._services.clock()
        events = [
            _event(arrival, self._fates[arrival.to], now) for arrival in arrivals if arrival.to in self._fates
        ]
        if events:
            fates.hear(self._services, INBOX, events)


def fates_of(character: Character) -> dict[str, Fate]:
    """The fate of every message to a person, by contact."""
    contacts = contacts_of(character)
    fates_by_contact = dict.fromkeys(contacts.values(), Fate.DELIVERED)
    if character.kind is PersonKind.BOUNCING:
        fates_by_contact[character.email] = Fate.BOUNCED
    if character.kind is PersonKind.UNREACHABLE:
        fates_by_contact[character.phone] = Fate.UNDELIVERABLE
    return fates_by_contact


def contacts_of(character: Character) -> dict[Channel, str]:
    """The contacts of a person at the beginning."""
    return {Channel.EMAIL: character.email, Channel.SMS: character.phone}


def _event(arrival: Arrival, fate: Fate, at: datetime) -> ProviderEvent:
    return ProviderEvent(key=arrival.key, fate=fate, reason=f"crowd_{fate}", at=at)
