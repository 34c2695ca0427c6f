"""The guard against an attack: admins raise and lower it, with a reason and a fresh ceremony, and all see it."""

from typing import Annotated, Any

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
from services.rollouts.durations import parse_duration
from services.safety import guard

Reason = Annotated[str, Form(max_length=500)]
Length = Annotated[str, Form(max_length=60, alias="for")]

PATH = "/console/guard"
USUAL = "6 hours"

router = APIRouter(prefix=PATH)

RaisesGuard = Annotated[Staff, Depends(stepped_up(Right.RAISE_GUARD, "Raise the guard", page=PATH))]
MovesGuard = Annotated[Staff, Depends(stepped_up(Right.RAISE_GUARD, "Give it this end", page=PATH))]
LowersGuard = Annotated[Staff, Depends(stepped_up(Right.RAISE_GUARD, "Lower the guard", page=PATH))]
"""Admins who have just stepped up, as arguments of the routes of these buttons."""


@router.get("")
def show(request: Request, services: Use, staff: SeesRollouts) -> Response:
    """Whether it is up, what that changes, and its latest raisings."""
    with services.database.reading() as session:
        standing = guard.standing(session, now=services.clock())
    kept = form_kept_for(request)
    return remarks.page(
        request,
        "console/guard.html",
        session_id=staff.session_id,
        staff=staff,
        standing=standing,
        problem="",
        reason=kept.value("reason"),
        length=kept.value("for") or USUAL,
    )


@router.post("/up")
def put_up(services: Use, staff: RaisesGuard, reason: Reason = "", length: Length = "") -> Response:
    """Raise it."""
    return _put_up(services, staff, reason=reason, length=length)


@router.post("/end")
def move_end(services: Use, staff: MovesGuard, reason: Reason = "", length: Length = "") -> Response:
    """Give the guard that is up another end."""
    return _put_up(services, staff, reason=reason, length=length)


@router.post("/down")
def put_down(services: Use, staff: LowersGuard, reason: Reason = "") -> Response:
    """Lower it before its time."""
    try:
        with services.database.transaction() as session:
            guard.put_down(session, staff.author, reason=reason, at=services.clock())
    except Refused as refusal:
        return _back(services, staff, status=409, problem=str(refusal), reason=reason)
    return go_to(PATH)


def _put_up(services: Services, staff: Staff, *, reason: str, length: str) -> Response:
    try:
        span = parse_duration(length)
        with services.database.transaction() as session:
            guard.put_up(session, staff.author, length=span, reason=reason, at=services.clock())
    except ValueError as error:
        problem = f"The length of time {error}."
        return _back(services, staff, status=400, problem=problem, reason=reason, length=length)
    except Refused as refusal:
        return _back(services, staff, status=409, problem=str(refusal), reason=reason, length=length)
    return go_to(PATH)


def _back(
    services: Services, staff: Staff, *, status: int, problem: str, reason: str, length: str = USUAL
) -> Response:
    said: dict[str, Any] = {"problem": problem, "reason": reason, "length": length}
    return remarks.back_to(services, PATH, session_id=staff.session_id, status=status, **said)
