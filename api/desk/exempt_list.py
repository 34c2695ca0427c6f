"""The list of exempt people, for what and until when: in pages, and as a file. The audit keeps every look."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from api.staff.rights import SeesLists, Staff
from api.web.arguments import Use
from api.web.pages import page
from api.web.spreadsheets import download
from domain.desk.acts import Rest
from domain.desk.stuck_filters import Mark
from domain.staff.staff import AuditKind
from domain.words.act_words import RESTS
from services.container import Services
from store.desk import exempt
from store.people.exemptions import EXEMPTIONS
from store.staff import audit

router = APIRouter(prefix="/console/desk/exempt")


@dataclass(frozen=True, kw_only=True)
class ExemptQuery:
    """The exemption that the list is about, and where the page begins."""

    rest: Rest | None = None
    after: Mark | None = None

    def path(self, below: str = "", **changes: str) -> str:
        """This list from its beginning, with changes."""
        query = {name: value for name, value in {"for": self.rest or "", **changes}.items() if value}
        return f"/console/desk/exempt{below}" + (f"?{urlencode(query)}" if query else "")


def _read_query(
    rest: Annotated[str, Query(alias="for", max_length=40)] = "",
    after: Annotated[str, Query(max_length=100)] = "",
) -> ExemptQuery:
    """The query of the address, without values that are none of the choices."""
    exemption = next((exemption for exemption in EXEMPTIONS if exemption == rest), None)
    return ExemptQuery(rest=exemption, after=Mark.read(after))


Filtered = Annotated[ExemptQuery, Depends(_read_query)]


@router.get("")
def show(request: Request, services: Use, staff: SeesLists, query: Filtered) -> Response:
    """The next people of the list, and how many there are."""
    now = services.clock()
    with services.database.reading() as session:
        people = exempt.page(session, query.rest, now=now, after=query.after)
        counts = exempt.counts(session, now=now)
    _note(services, staff, AuditKind.LIST_SEEN, query)
    return page(
        request, "desk/exempt.html", staff=staff, query=query, people=people, counts=counts, rests=RESTS
    )


@router.get("/export")
def export(services: Use, staff: SeesLists, query: Filtered) -> Response:
    """The whole list as CSV, without contacts."""
    _note(services, staff, AuditKind.LIST_EXPORTED, query)
    return download("exempt.csv", _rows(services, query))


def _rows(services: Services, query: ExemptQuery) -> Iterator[tuple[str, ...]]:
    with services.database.reading() as session:
        yield from exempt.rows(session, query.rest, now=services.clock())


def _note(services: Services, staff: Staff, kind: AuditKind, query: ExemptQuery) -> None:
    filters = {"for": query.rest} if query.rest else {}
    with services.database.transaction() as session:
        audit.append(session, staff.author, kind, at=services.clock(), list="exempt", filters=filters)
