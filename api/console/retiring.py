"""The switch that stops retiring SMS for everybody: admins turn it, with a reason and a fresh ceremony."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response

from api.staff.kept_forms import form_kept_for
from api.staff.rights import SeesRollouts, Staff, stepped_up
from api.web import remarks
from api.web.arguments import Use
from api.web.pages import go_to
from domain.errors import Refused
from domain.staff.staff import Right
from services.container import Services
from services.safety import retiring
from store.journeys import retiring as switch

Reason = Annotated[str, Form(max_length=500)]

PATH = "/console/retiring"

router = APIRouter(prefix=PATH)

StopsRetiring = Annotated[Staff, Depends(stepped_up(Right.STOP_RETIRING, "Stop retiring SMS", page=PATH))]
ResumesRetiring = Annotated[Staff, Depends(stepped_up(Right.STOP_RETIRING, "Resume", page=PATH))]
"""Admins who have just stepped up, as arguments of the routes of these buttons."""


@router.get("")
def show(request: Request, services: Use, staff: SeesRollouts) -> Response:
    """Where the switch stands, and which promises are broken."""
    return _page(request, services, staff)


@router.post("/stop")
def stop(services: Use, staff: StopsRetiring, reason: Reason = "") -> Response:
    """Stop retiring for everybody."""
    try:
        with services.database.transaction() as session:
            retiring.stop(session, staff.author, reason=reason, at=services.clock())
    except Refused as refusal:
        return _back(services, staff, problem=str(refusal), reason=reason)
    return go_to(PATH)


@router.post("/resume")
def resume(
    services: Use,
    staff: ResumesRetiring,
    reason: Reason = "",
    anyway: Annotated[str, Form(max_length=10)] = "",
) -> Response:
    """Let retiring go on; while promises are broken only `anyway`."""
    now = services.clock()
    with services.database.reading() as session:
        counts = retiring.broken(session, now=now)
    try:
        with services.database.transaction() as session:
            retiring.resume(session, staff.author, counts, reason=reason, at=now, anyway=bool(anyway))
    except Refused as refusal:
        return _back(services, staff, problem=str(refusal), reason=reason)
    return go_to(PATH)


def _back(services: Services, staff: Staff, *, problem: str, reason: str) -> Response:
    session_id = staff.session_id
    return remarks.back_to(services, PATH, session_id=session_id, status=409, problem=problem, reason=reason)


def _page(request: Request, services: Services, staff: Staff) -> Response:
    with services.database.reading() as session:
        current = switch.read(session)
        counts = retiring.broken(session, now=services.clock())
    return remarks.page(
        request,
        "console/retiring.html",
        session_id=staff.session_id,
        staff=staff,
        current=current,
        counts=counts,
        problem="",
        reason=form_kept_for(request).value("reason"),
    )
