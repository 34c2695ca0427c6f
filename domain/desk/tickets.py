"""The tickets that the host's support has about a person, by their ids there, and where each is to be read."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import quote, urlsplit

from domain.journal import EventKind

PLACE = "{ticket}"
"""What stands for a ticket's id in the address of the host's tickets."""


class _Entry(Protocol):
    @property
    def at(self) -> datetime: ...
    @property
    def kind(self) -> str: ...
    @property
    def detail(self) -> dict[str, Any]: ...


@dataclass(frozen=True, kw_only=True)
class Ticket:
    """One ticket; `opened_at` is None if the host told only of its end, `closed_at` while it is open."""

    ticket_id: str
    opened_at: datetime | None
    closed_at: datetime | None


def tickets(entries: Iterable[_Entry]) -> tuple[Ticket, ...]:
    """The tickets of a journal, those that are open first, each by the newest word.

    Events come in any order, so the entries' own times decide. An entry that was forgotten names no ticket.
    """
    opened: dict[str, datetime] = {}
    closed: dict[str, datetime] = {}
    for entry in entries:
        ticket_id = entry.detail.get("ticket_id")
        times = {EventKind.TICKET_OPENED: opened, EventKind.TICKET_CLOSED: closed}.get(EventKind(entry.kind))
        if ticket_id and times is not None:
            times[ticket_id] = max(entry.at, times.get(ticket_id, entry.at))
    all_tickets = [
        _ticket(ticket_id, opened.get(ticket_id), closed.get(ticket_id)) for ticket_id in {**opened, **closed}
    ]
    return tuple(sorted(all_tickets, key=lambda ticket: (ticket.closed_at is not None, ticket.ticket_id)))


def address_of(template: str, ticket_id: str) -> str:
    """Where a ticket is to be read; empty without a template. An id never leads out of its place in the address."""
    return template.replace(PLACE, quote(ticket_id, safe="")) if template else ""


def template_problem(template: str) -> str:
    """What is wrong with the address of the host's tickets; empty if nothing is."""
    try:
        parts = urlsplit(template)
        is_near = parts.scheme == "http" and parts.hostname in ("localhost", "127.0.0.1")
        is_page = bool(parts.hostname) and (parts.scheme == "https" or is_near)
        has_place = PLACE in f"{parts.path}?{parts.query}#{parts.fragment}" and PLACE not in parts.netloc
    except ValueError:
        is_page = has_place = False
    if is_page and has_place and template.count(PLACE) == 1 and "@" not in parts.netloc:
        return ""
    return "this is the address of the host's tickets with {ticket} in it, like https://desk.example.com/t/{ticket}"


def _ticket(ticket_id: str, opened_at: datetime | None, closed_at: datetime | None) -> Ticket:
    """A ticket that was opened again after its end is open."""
    is_open_again = opened_at is not None and closed_at is not None and opened_at > closed_at
    return Ticket(ticket_id=ticket_id, opened_at=opened_at, closed_at=None if is_open_again else closed_at)
