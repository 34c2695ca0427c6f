"""Events of a host for tests, and the service that takes them, each in one line."""

import itertools
from datetime import datetime
from typing import Any

from domain.host.events import EventOutcome, HostEvent, HostEventKind
from services.host.event_handlers import HANDLERS
from store import Database
from store.people import accounts

SOURCE = "https://host.example/users"

_numbers = itertools.count(1)


def make_event(kind: HostEventKind, *, at: datetime, **data: Any) -> HostEvent:
    """An event of a host; its account is told to the service that takes it."""
    number = next(_numbers)
    return HostEvent(
        source=SOURCE, event_id=f"event-{number}", kind=kind, external_id="somebody", at=at, data=data
    )


def take(database: Database, account_id: str, event: HostEvent, *, now: datetime) -> EventOutcome:
    """Take an event in a transaction of its own, as it is done with those that come by HTTP."""
    with database.transaction() as session:
        account = accounts.lock(session, account_id)
        return HANDLERS[event.kind](session, account, event, now=now)


def hear(
    database: Database,
    account_id: str,
    kind: HostEventKind,
    *,
    at: datetime,
    now: datetime | None = None,
    **data: Any,
) -> EventOutcome:
    """Take an event that is heard when it happens, or at `now`."""
    return take(database, account_id, make_event(kind, at=at, **data), now=now or at)
