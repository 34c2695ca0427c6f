"""A host that tells events, for tests: each in one line; keywords change what a test is about."""

import itertools
from datetime import datetime
from typing import Any

from domain.host.events import HostEvent, HostEventKind
from services.host import event_bodies
from tests.clocks import START

SOURCE = "https://login.example.com"

_numbers = itertools.count(1)


def make_event(
    kind: HostEventKind,
    external_id: str,
    *,
    at: datetime = START,
    event_id: str = "",
    source: str = SOURCE,
    **data: Any,
) -> HostEvent:
    """An event that has been read and checked, as the API hands it on."""
    return HostEvent(
        source=source,
        event_id=event_id or f"event-{next(_numbers):06d}",
        kind=kind,
        external_id=external_id,
        at=at,
        data=event_bodies.checked(kind, data),
    )


def signed_in(external_id: str, *, method: str = "sms", **changes: Any) -> HostEvent:
    """Somebody has signed in at the host."""
    return make_event(HostEventKind.USER_SIGNED_IN, external_id, method=method, **changes)


def updated(external_id: str, **changes: Any) -> HostEvent:
    """The host tells something of an account."""
    return make_event(HostEventKind.USER_UPDATED, external_id, **changes)
