"""The end date of a cohort: what it comes to on a day, and the order that moves it, nearer by two members."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import Response

from api.staff.rights import RunsRollouts, SeesRollouts, Staff, signed_hand, stepped_up
from api.web import remarks
from api.web.arguments import Use
from api.web.pages import go_to
from domain.errors import Refused, Unknown
from domain.rollouts.cohorts import InvalidCohort
from domain.rollouts.end_moves import comes_nearer, require_movable
from domain.safety.end_dates import EndDate
from domain.staff.staff import Right
from domain.words.console_words import nobody_there
from domain.words.end_words import AT_END, LAST_SIGN_INS, pace_words
from services.container import NobodyThere, Services
from services.rollouts import end_moves, end_outlooks
from services.rollouts.end_dates import parse_end
from store.rollouts import cohorts, end_requests
from store.staff import staff as members

router = APIRouter(prefix="/console/cohorts/{cohort_id}/end")

_APPROVE = "Approve: move it nearer"
ApprovesEnd = Annotated[Staff, Depends(stepped_up(Right.RUN_ROLLOUTS, _APPROVE))]
"""Whoever moves an end date nearer as the second member, with a fresh ceremony."""


@dataclass(frozen=True, kw_only=True)
class EndForm:
    """Another end date as it was typed; without a day, there is to be none. `seen` is the version that was shown."""

    day: str = ""
    time: str = ""
    zone: str = ""
    reason: str = ""
    seen: int = 0

    def end(self, default_zone: str) -> EndDate | None:
        """The end date; without a zone, by `default_zone`. Raises Refused."""
        if not self.day.strip():
            return None
        try:
            return parse_end(
                self.day.strip(), begins=self.time.strip(), zone=self.zone.strip(), default_zone=default_zone
            )
        except InvalidCohort as invalid:
            raise Refused("; ".join(f"{place} {problem}" for place, problem in invalid.problems)) from None


def _form(
    day: Annotated[str, Form(max_length=20)] = "",
    time: Annotated[str, Form(max_length=20)] = "",
    zone: Annotated[str, Form(max_length=60)] = "",
    reason: Annotated[str, Form(max_length=500)] = "",
    seen: Annotated[int, Form()] = 0,
) -> EndForm:
    return EndForm(day=day, time=time, zone=zone, reason=reason, seen=seen)


TypedEnd = Annotated[EndForm, Depends(_form)]
"""The argument of a route that takes the form."""


@router.get("")
def show(
    request: Request,
    services: Use,
    staff: SeesRollouts,
    cohort_id: str,
    on: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """What the end date comes to, on its day or on another; after `plan`, what the typed day would come to."""
    remark = remarks.read(request, session_id=staff.session_id)
    typed = EndForm(**remark.values["form"]) if remark else None
    problem = str(remark.values["problem"]) if remark else ""
    now = services.clock()
    with services.database.reading() as session:
        row = cohorts.get(session, cohort_id)
        cohort, standing = cohorts.description(row), cohorts.standing(row)
        shown_end = _readable(typed or EndForm(day=on), cohort.windows.time_zone)
        outlook = end_outlooks.draw(session, cohort_id, on=shown_end.at if shown_end else None, now=now)
        waiting = list(end_requests.waiting(session, cohort_id, now=now))
        names = members.names(session)
    return remarks.page(
        request,
        "console/end.html",
        session_id=staff.session_id,
        staff=staff,
        cohort_id=cohort_id,
        name=cohort.name,
        end=cohort.policy.end,
        seen=standing.version,
        form=typed or EndForm(),
        zone=cohort.windows.time_zone,
        planned=shown_end if typed and not problem else None,
        is_planned=typed is not None and not problem,
        is_nearer=comes_nearer(cohort.policy.end, shown_end),
        outlook=outlook,
        at_end=AT_END,
        last_sign_ins=LAST_SIGN_INS,
        pace=pace_words(outlook.pace),
        waiting=waiting,
        approve=_APPROVE,
        names=names,
        problem="",
    )


@router.post("/plan")
def plan(services: Use, staff: RunsRollouts, cohort_id: str, form: TypedEnd) -> Response:
    """Show what the typed day would come to, and change nothing."""
    try:
        with services.database.reading() as session:
            cohort = cohorts.description(cohorts.get(session, cohort_id))
        require_movable(cohort, form.end(cohort.windows.time_zone), now=services.clock())
    except Refused as refusal:
        return _back(services, staff, cohort_id, form, problem=f"{refusal}", status=400)
    return _back(services, staff, cohort_id, form, problem="", status=200)


@router.post("")
def move(services: Use, staff: RunsRollouts, cohort_id: str, form: TypedEnd) -> Response:
    """Move the end date, or ask a colleague if it comes nearer."""
    return _answer(services, staff, cohort_id, form, lambda: _move_or_ask(services, staff, cohort_id, form))


@router.post("/{request_id}/approve")
def approve(services: Use, staff: ApprovesEnd, cohort_id: str, request_id: UUID) -> Response:
    """Say yes, as another member than the one who asked; the end date moves."""

    def order() -> str:
        end_moves.approve(services, staff.author, signed_hand(staff), str(request_id))
        return _cohort_path(cohort_id)

    return _answer(services, staff, cohort_id, EndForm(), order)


@router.post("/{request_id}/decline")
def decline(services: Use, staff: RunsRollouts, cohort_id: str, request_id: UUID) -> Response:
    """Say no. The member who asked uses this to withdraw the request."""

    def order() -> str:
        end_moves.decline(services, staff.author, signed_hand(staff), str(request_id))
        return _path(cohort_id)

    return _answer(services, staff, cohort_id, EndForm(), order)


def _move_or_ask(services: Services, staff: Staff, cohort_id: str, form: EndForm) -> str:
    """Returns the path of the next page."""
    end, author = form.end(_zone(services, cohort_id)), staff.author
    if end and end_moves.takes_two(services.database, cohort_id, end):
        hand = signed_hand(staff)
        end_moves.ask(services, author, hand, cohort_id, end, reason=form.reason, seen=form.seen)
        return _path(cohort_id)
    end_moves.move(
        services.database,
        services.rollouts,
        author,
        cohort_id,
        end,
        reason=form.reason,
        seen=form.seen,
        now=services.clock(),
    )
    return _cohort_path(cohort_id)


def _answer(
    services: Services, staff: Staff, cohort_id: str, form: EndForm, order: Callable[[], str]
) -> Response:
    """Carry an order out and go on to the page that it names, or back to the form with what is wrong."""
    try:
        return go_to(order())
    except Unknown:
        raise
    except Refused as refusal:
        return _back(services, staff, cohort_id, form, problem=f"{refusal}", status=409)
    except NobodyThere as nobody:
        problem = nobody_there(is_taken=nobody.is_taken)
        return _back(services, staff, cohort_id, form, problem=problem, status=503)


def _readable(form: EndForm, zone: str) -> EndDate | None:
    """The end date of a form; a day that is none counts not."""
    try:
        return form.end(zone)
    except Refused:
        return None


def _zone(services: Services, cohort_id: str) -> str:
    """The clocks by which a day is meant that names none: those of the launch windows."""
    with services.database.reading() as session:
        return cohorts.description(cohorts.get(session, cohort_id)).windows.time_zone


def _cohort_path(cohort_id: str) -> str:
    return f"/console/cohorts/{cohort_id}"


def _path(cohort_id: str) -> str:
    return f"{_cohort_path(cohort_id)}/end"


def _back(
    services: Services, staff: Staff, cohort_id: str, form: EndForm, *, problem: str, status: int
) -> Response:
    said: dict[str, Any] = {"form": vars(form), "problem": _sentence(problem)}
    return remarks.back_to(services, _path(cohort_id), session_id=staff.session_id, status=status, **said)


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip('.')}." if text else ""
