"""The desk: one box that finds a person by anything that is known of them.

The text travels in the body, because addresses and numbers do not belong into the logs of proxies or the history of a
shared browser. The audit keeps the kind of search, never the text.
"""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from api.staff.rights import SeesCases, Staff
from api.web.arguments import Use
from api.web.pages import page
from domain.desk.queries import readings
from domain.staff.staff import AuditKind
from providers.contacts import normal_address
from providers.phone_readings import on_record
from services.container import Services
from store.desk import search
from store.desk.search import Results
from store.staff import audit

_LONGEST = 400

Typed = Annotated[str, Form(max_length=_LONGEST)]
Mark = Annotated[str, Form(max_length=100)]

router = APIRouter(prefix="/console/desk")


@router.get("")
def show(request: Request, staff: SeesCases) -> Response:
    """The box, and what can be typed into it."""
    return page(request, "desk/desk.html", staff=staff, typed="", results=None, is_text=True)


@router.post("")
def find(request: Request, services: Use, staff: SeesCases, typed: Typed = "", after: Mark = "") -> Response:
    """Everybody whom the text may mean."""
    return _answer(request, services, staff, "desk/desk.html", typed, after)


@router.post("/results")
def find_while_typing(
    request: Request, services: Use, staff: SeesCases, typed: Typed = "", after: Mark = ""
) -> Response:
    """The results alone, for the page's script."""
    return _answer(request, services, staff, "desk/desk_results.html", typed, after)


def _answer(
    request: Request, services: Services, staff: Staff, template: str, typed: str, after: str
) -> Response:
    meant = readings(typed)
    results = _find(services, staff, typed, after) if meant else None
    return page(
        request, template, staff=staff, typed=typed.strip(), results=results, is_text=bool(meant or not typed)
    )


def _find(services: Services, staff: Staff, typed: str, after: str) -> Results:
    now = services.clock()
    with services.database.reading() as session:
        results = search.find(
            session,
            typed,
            now=now,
            address=normal_address(typed),
            numbers=on_record(typed),
            after=after or None,
        )
    with services.database.transaction() as session:
        audit.append(
            session,
            staff.author,
            AuditKind.SEARCHED,
            at=now,
            kinds=list(dict.fromkeys(reading.kind for reading in readings(typed))),
            found=len(results.people),
        )
    return results
