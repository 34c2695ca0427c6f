"""Tickets of the host's support: what a journal says of them, in any order, and where they are to be read."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.desk.tickets import Ticket, address_of, template_problem, tickets
from domain.journal import EventKind
from tests.clocks import START

DAY = timedelta(days=1)
DESK = "https://desk.example.com/t/{ticket}"


@dataclass(frozen=True, kw_only=True)
class Told:
    """One entry of a journal."""

    kind: str
    at: datetime
    detail: dict[str, Any]


def opened(ticket_id: str, day: int = 0) -> Told:
    return Told(kind=EventKind.TICKET_OPENED, at=START + day * DAY, detail={"ticket_id": ticket_id})


def closed(ticket_id: str, day: int) -> Told:
    return Told(kind=EventKind.TICKET_CLOSED, at=START + day * DAY, detail={"ticket_id": ticket_id})


def test_open_tickets_come_first_and_other_entries_are_none() -> None:
    entries = [
        opened("A"),
        Told(kind=EventKind.NOTED, at=START, detail={"ticket_id": "X"}),
        closed("A", 1),
        opened("B"),
        Told(kind=EventKind.TICKET_OPENED, at=START, detail={}),
    ]
    assert tickets(entries) == (
        Ticket(ticket_id="B", opened_at=START, closed_at=None),
        Ticket(ticket_id="A", opened_at=START, closed_at=START + DAY),
    )


def test_the_order_in_which_a_ticket_is_told_of_does_not_matter() -> None:
    entries = [opened("A"), closed("A", 1), opened("A", 2)]
    assert (
        tickets(entries)
        == tickets(entries[::-1])
        == (Ticket(ticket_id="A", opened_at=START + 2 * DAY, closed_at=None),)
    )


def test_an_end_without_a_beginning_is_known_as_that() -> None:
    assert tickets([closed("A", 1)]) == (Ticket(ticket_id="A", opened_at=None, closed_at=START + DAY),)


def test_without_a_template_a_ticket_leads_nowhere() -> None:
    assert address_of("", "T-1") == ""


@given(st.text(min_size=1))
def test_no_id_leads_out_of_its_place(ticket_id: str) -> None:
    parts = urlsplit(address_of(DESK, ticket_id.encode(errors="replace").decode()))
    assert (parts.netloc, parts.query, parts.fragment) == ("desk.example.com", "", "")
    assert parts.path.count("/") == 2


@pytest.mark.parametrize(
    "template", [DESK, "http://localhost:8500/t?id={ticket}", "https://d.example/#{ticket}"]
)
def test_an_address_with_one_place_is_taken(template: str) -> None:
    assert template_problem(template) == ""


@pytest.mark.parametrize(
    "template",
    [
        "desk.example.com/{ticket}",
        "https://desk.example.com/",
        "https://{ticket}.example.com/",
        "https://desk.example.com/{ticket}/{ticket}",
        "http://desk.example.com/{ticket}",
        "javascript:alert({ticket})",
        "https://sam:secret@desk.example.com/{ticket}",
        "https://[/{ticket}",
    ],
)
def test_anything_else_is_refused_with_an_example(template: str) -> None:
    assert "like https://desk.example.com/t/{ticket}" in template_problem(template)
