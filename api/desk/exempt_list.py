"""The list of who is exempt, for what and until when, in pages, and the same as a file. Every look is written down."""

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
from store.staff import audit

router = APIRouter(prefix="/console/desk/exempt")


@dataclass(frozen=True, kw_only=True)
class ExemptQuery:
    """For what people are exempt, and where the page begins."""

    rest: Rest | None = None
    after: Mark | None = None

    def path(self, below: str = "", **changes: str) -> str:
        """This list from its beginning, with changes."""
        query = {name: value for name, value in {"for": self.rest or "", **changes}.items() if value}
        return f"/console/desk/exempt{below}" + (f"?{urlencode(query)}" if query else "")


def _asked(
    rest: Annotated[str, Query(alias="for", max_length=40)] = "",
    after: Annotated[str, Query(max_length=100)] = "",
) -> ExemptQuery:
    """What the address asks for; whatever is none of the choices is left out."""
    known = next((one for one in exempt.EXEMPTIONS if one == rest), None)
    return ExemptQuery(rest=known, after=Mark.read(after))


Filtered = Annotated[ExemptQuery, Depends(_asked)]


@router.get("")
def show(request: Request, services: Use, staff: SeesLists, asked: Filtered) -> Response:
    """The next people of the list, and how many there are."""
    now = services.clock()
    with services.database.reading() as session:
        people = exempt.page(session, asked.rest, now=now, after=asked.after)
        counts = exempt.counts(session, now=now)
    _note(services, staff, AuditKind.LIST_SEEN, asked)
    return page(
        request, "console/exempt.html", staff=staff, asked=asked, people=people, counts=counts, rests=RESTS
    )


@router.get("/export")
def export(services: Use, staff: SeesLists, asked: Filtered) -> Response:
    """The whole list as CSV, without contacts."""
    _note(services, staff, AuditKind.LIST_EXPORTED, asked)
    return download("exempt.csv", _rows(services, asked))


def _rows(services: Services, asked: ExemptQuery) -> Iterator[tuple[str, ...]]:
    with services.database.reading() as session:
        yield from exempt.rows(session, asked.rest, now=services.clock())


def _note(services: Services, staff: Staff, kind: AuditKind, asked: ExemptQuery) -> None:
    filters = {"for": asked.rest} if asked.rest else {}
    with services.database.transaction() as session:
        audit.append(session, staff.author, kind, at=services.clock(), list="exempt", filters=filters)
