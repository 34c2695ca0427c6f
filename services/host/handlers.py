"""The one shape of everything that heeds an event."""

from datetime import datetime
from typing import Protocol

from domain.host.events import EventOutcome, HostEvent
from store import Session
from store.people.accounts import Account


class Handler(Protocol):
    """Heeds one event about an account that the caller has locked, in the caller's transaction.

    Raises BadEvent, before it changes anything, if what the event holds cannot be used.
    """

    def __call__(
        self, session: Session, account: Account, event: HostEvent, *, now: datetime
    ) -> EventOutcome: ...
