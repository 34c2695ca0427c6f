"""Launches a cohort. A plan is shown before the order; the name of a launched cohort leads to the edit of that one."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import Response

from api.console import cohort_edits
from api.staff.rights import RunsRollouts, Staff
from api.web import remarks
from api.web.arguments import Use
from api.web.pages import go_to
from domain.errors import Refused
from domain.rollouts.cohorts import Cohort, InvalidCohort
from domain.words.cohort_captions import INVENTORY, OBSTACLES, already_done
from domain.words.console_words import nobody_there
from services.container import NobodyThere, Services
from services.rollouts import clones, cohort_plans, described_cohorts, edit_previews, rollout_orders
from services.rollouts.cohort_files import parse
from services.rollouts.cohort_plans import CohortPlan
from services.rollouts.edit_previews import Mistake
from store.rollouts import cohorts

_SAMPLE = Path(__file__).parents[2] / "docs" / "sample-cohort.toml"

Description = Annotated[str, Form()]
Reason = Annotated[str, Form(max_length=500)]

router = APIRouter(prefix="/console")

_FORM = "/console/launch"


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A description as it was typed, with its mistakes or its plan."""

    description: str
    reason: str = ""
    mistakes: tuple[Mistake, ...] = ()
    plan: CohortPlan | None = None
    problem: str = ""


@router.get("/launch")
def begin(
    request: Request,
    services: Use,
    staff: RunsRollouts,
    like: Annotated[str, Query(max_length=100)] = "",
) -> Response:
    """Show the form with a sample description, one `like` a launched cohort, or what was typed and what it comes to."""
    remark = remarks.read(request, session_id=staff.session_id)
    if remark:
        return _page(request, staff, _draft(services, **remark.values))
    if like:
        with services.database.reading() as session:
            return _page(request, staff, Draft(description=clones.description(session, like)))
    return _page(request, staff, Draft(description=_SAMPLE.read_text(encoding="utf-8")))


@router.post("/launch/plan")
def plan(request: Request, services: Use, staff: RunsRollouts, description: Description = "") -> Response:
    """Show the plan of a description, or its mistakes. The name of a launched cohort leads to the edit of that one."""
    if _mistakes(description):
        return _back(request, services, staff, description, status=422)
    if launched := _launched(services, _described(services, description)):
        return cohort_edits.answer(request, services, staff, launched, description, status=200)
    return _back(request, services, staff, description, status=200)


@router.post("/launch")
def launch(
    request: Request,
    services: Use,
    staff: RunsRollouts,
    description: Description = "",
    reason: Reason = "",
) -> Response:
    """Launch a new cohort, as the plan that the operator saw said."""
    if _mistakes(description):
        return _back(request, services, staff, description, status=422)
    if not reason.strip():
        problem, status = "Say why: it goes into the cohort's log.", 400
        return _back(request, services, staff, description, problem=problem, status=status)
    try:
        cohort = _described(services, description)
        cohort_id = rollout_orders.launch(services, staff.author, cohort, reason=reason.strip())
    except Refused as refusal:
        problem, status = f"That was refused: {refusal}.", 409
    except NobodyThere as nobody:
        problem, status = nobody_there(is_taken=nobody.is_taken), 503
    else:
        return go_to(f"/console/cohorts/{quote(cohort_id, safe='')}")
    return _back(request, services, staff, description, reason=reason, problem=problem, status=status)


def _mistakes(description: str) -> tuple[Mistake, ...]:
    try:
        parse(description)
    except InvalidCohort as invalid:
        return edit_previews.mistakes(description, invalid)
    return ()


def _launched(services: Services, cohort: Cohort) -> str:
    """The id of the launched cohort of that name; empty without one."""
    with services.database.reading() as session:
        row = cohorts.by_name(session, cohort.name)
        return row.cohort_id if row else ""


def _described(services: Services, description: str) -> Cohort:
    with services.database.reading() as session:
        return described_cohorts.read(session, description, now=services.clock())


def _draft(services: Services, description: str, *, reason: str = "", problem: str = "") -> Draft:
    """A description with its plan or its mistakes."""
    if mistakes := _mistakes(description):
        return Draft(description=description, mistakes=mistakes)
    cohort = _described(services, description)
    with services.database.reading() as session:
        cohort_plan = cohort_plans.draw(
            session, cohort, now=services.clock(), email_recovers=services.email_recovers
        )
    return Draft(
        description=description,
        plan=cohort_plan,
        reason=reason,
        problem=problem,
    )


def _back(
    request: Request,
    services: Services,
    staff: Staff,
    description: str,
    *,
    status: int,
    reason: str = "",
    problem: str = "",
) -> Response:
    """To the form with what was typed; a description that is too long to be kept for it is the answer itself."""
    said: dict[str, Any] = {"description": description, "reason": reason, "problem": problem}
    try:
        return remarks.back_to(services, _FORM, session_id=staff.session_id, status=status, **said)
    except remarks.TooMuchToSay:
        return _page(request, staff, _draft(services, **said), status=status)


def _page(request: Request, staff: Staff, draft: Draft, *, status: int = 200) -> Response:
    return remarks.page(
        request,
        "console/launch.html",
        session_id=staff.session_id,
        status=status,
        staff=staff,
        draft=draft,
        obstacles=OBSTACLES,
        inventory=INVENTORY,
        already_done=already_done,
    )
