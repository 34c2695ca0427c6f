"""Which word of a host counts: events come twice, late and in any order, so the newest by the host's own clock does."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.errors import Refused
from domain.host.events import HostEvent, HostEventKind

CLOCKS_DIFFER_BY = timedelta(minutes=5)
"""How far a host's clock may be ahead of ours."""

KEPT_FOR = timedelta(days=31)
"""How long an event stays on record after it came, so that it is taken once however often it is told."""

MATTERS_FOR = timedelta(days=30)
"""How late a mere happening, such as a sign-in, may be told. It is shorter than events are kept: none counts twice."""

MOST_AT_ONCE = 100
"""How many events one request may bring."""

HAPPENINGS = frozenset(
    {
        HostEventKind.USER_SIGNED_IN,
        HostEventKind.SUPPORT_CONTACTED,
        HostEventKind.TICKET_OPENED,
        HostEventKind.TICKET_CLOSED,
    }
)
"""Kinds that say what happened once, and not what is so from then on."""


class BadEvent(Refused):
    """An event that is not taken and not kept; the message says why, and repeats nothing that it holds."""


@dataclass(frozen=True, kw_only=True, order=True)
class Word:
    """When a host said something, by its own clock. Of two words of one moment, the greater id counts as the later."""

    at: datetime
    event_id: str


def require_past(event: HostEvent, *, now: datetime) -> None:
    """Raise BadEvent if an event has not happened yet."""
    if event.at > now + CLOCKS_DIFFER_BY:
        raise BadEvent("time: it lies in the future")


def comes_too_late(event: HostEvent, *, now: datetime) -> bool:
    """Whether an event tells a happening of so long ago that it is passed over."""
    return event.kind in HAPPENINGS and event.at < now - MATTERS_FOR
