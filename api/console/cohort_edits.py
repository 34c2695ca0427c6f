"""Edits a launched cohort: its description as TOML, what an edit of it changes, and the order with a reason."""

from dataclasses import dataclass, replace
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from api.staff import kept_forms
from api.staff.kept_forms import KeptForm, SentForm, form_kept_for
from api.staff.rights import RunsRollouts, Staff, require_step_up
from api.web import remarks
from api.web.arguments import Use
from api.web.pages import go_to
from domain.errors import Refused
from domain.rollouts.cohorts import InvalidCohort
from domain.rollouts.edits import Edit
from domain.words.cohort_captions import INVENTORY, OBSTACLES, already_done
from domain.words.console_words import nobody_there
from services.container import NobodyThere, Services
from services.rollouts import cohort_plans, descriptions, edit_previews, rollout_orders
from services.rollouts.cohort_plans import CohortPlan
from services.rollouts.edit_previews import EditPreview, Mistake
from store.rollouts import cohorts

_SAVE = "Save the edit"

Description = Annotated[str, Form()]
Reason = Annotated[str, Form(max_length=500)]
Seen = Annotated[int, Form()]

router = APIRouter(prefix="/console/cohorts/{cohort_id}/edit")


@dataclass(frozen=True, kw_only=True)
class EditDraft:
    """A description as it was typed, with what it would change, or its mistakes. `is_typed`: not what holds now."""

    description: str
    is_typed: bool = True
    reason: str = ""
    mistakes: tuple[Mistake, ...] = ()
    preview: EditPreview | None = None
    plan: CohortPlan | None = None
    problem: str = ""


@router.get("")
def show(request: Request, services: Use, staff: RunsRollouts, cohort_id: str) -> Response:
    """The description that holds, or the one that was typed, with what it would change."""
    remark = remarks.read(request, session_id=staff.session_id)
    kept = form_kept_for(request)
    if remark:
        return _page(request, services, staff, cohort_id, _draft(services, cohort_id, **remark.values))
    if kept.value("description"):
        typed = kept.value("description")
        draft = _draft(services, cohort_id, typed, reason=kept.value("reason"))
        return _page(request, services, staff, cohort_id, draft)
    with services.database.reading() as session:
        description = descriptions.written(cohorts.description(cohorts.get(session, cohort_id)))
    draft = EditDraft(description=description, is_typed=False)
    return _page(request, services, staff, cohort_id, draft)


@router.post("/preview")
def preview(
    request: Request, services: Use, staff: RunsRollouts, cohort_id: str, description: Description = ""
) -> Response:
    """Show what the description would change, or its mistakes; nothing is saved."""
    status = 422 if _mistakes(services, cohort_id, description) else 200
    return answer(request, services, staff, cohort_id, description, status=status)


@router.post("")
def save(
    request: Request,
    services: Use,
    staff: RunsRollouts,
    cohort_id: str,
    sent: SentForm,
    description: Description = "",
    reason: Reason = "",
    seen: Seen = 0,
) -> Response:
    """Edit the cohort. The rollout refuses it if its standing has changed since the preview was drawn."""
    if _mistakes(services, cohort_id, description):
        return answer(request, services, staff, cohort_id, description, reason=reason, status=422)
    status, problem = 400, "Say why: it goes into the cohort's log."
    if reason.strip():
        form = replace(sent, button=_SAVE)
        if problem := _confirm(services, staff, cohort_id, form):
            status = 403
        else:
            edit_of = _edit_of(services, cohort_id, description, staff=staff, reason=reason, seen=seen)
            status, problem = _given(services, staff, cohort_id, edit_of)
    if not problem:
        return go_to(_cohort_path(cohort_id))
    said = {"reason": reason, "problem": problem}
    return answer(request, services, staff, cohort_id, description, status=status, **said)


def answer(
    request: Request,
    services: Services,
    staff: Staff,
    cohort_id: str,
    description: str,
    *,
    status: int,
    reason: str = "",
    problem: str = "",
) -> Response:
    """To the form with what was typed; a description that is too long to be kept for it is the answer itself."""
    said: dict[str, Any] = {"description": description, "reason": reason, "problem": problem}
    path = f"{_cohort_path(cohort_id)}/edit"
    try:
        return remarks.back_to(services, path, session_id=staff.session_id, status=status, **said)
    except remarks.TooMuchToSay:
        draft = _draft(services, cohort_id, **said)
        return _page(request, services, staff, cohort_id, draft, status=status)


def _confirm(services: Services, staff: Staff, cohort_id: str, form: KeptForm) -> str:
    """Raise StepUpNeeded unless the member has just shown who they are; what to do first if the text is too long."""
    path = f"{_cohort_path(cohort_id)}/edit"
    if kept_forms.is_short(services, path, form, session_id=staff.session_id):
        require_step_up(services, staff, form, page=path)
    elif not staff.is_fresh(services.clock()):
        return (
            "The description is too long to be kept while you show that it is you. Open “Confirm that it is you”, "
            "which is another tab, and then save here."
        )
    return ""


def _edit_of(
    services: Services, cohort_id: str, description: str, *, staff: Staff, reason: str, seen: int
) -> Edit:
    with services.database.reading() as session:
        drawn = edit_previews.draw(session, cohort_id, description, now=services.clock())
    return Edit(cohort=drawn.cohort, by=staff.author.by, reason=reason.strip(), seen=seen)


def _given(services: Services, staff: Staff, cohort_id: str, edit_of: Edit) -> tuple[int, str]:
    """The status and the problem of an edit; no problem if it was taken."""
    try:
        rollout_orders.edit(services, staff.author, cohort_id, edit_of)
    except Refused as refusal:
        return 409, f"That was refused: {refusal}."
    except NobodyThere as nobody:
        return 503, nobody_there(is_taken=nobody.is_taken)
    return 303, ""


def _mistakes(services: Services, cohort_id: str, description: str) -> tuple[Mistake, ...]:
    return _draft(services, cohort_id, description, is_planned=False).mistakes


def _draft(
    services: Services,
    cohort_id: str,
    description: str,
    *,
    reason: str = "",
    problem: str = "",
    is_planned: bool = True,
) -> EditDraft:
    draft, now = EditDraft(description=description, reason=reason, problem=problem), services.clock()
    with services.database.reading() as session:
        try:
            drawn = edit_previews.draw(session, cohort_id, description, now=now)
        except InvalidCohort as invalid:
            return replace(draft, mistakes=edit_previews.mistakes(description, invalid))
        plan = None
        if is_planned:
            recovers = services.email_recovers
            plan = cohort_plans.draw(session, drawn.cohort, now=now, email_recovers=recovers)
    return replace(draft, preview=drawn, plan=plan)


def _page(
    request: Request, services: Services, staff: Staff, cohort_id: str, draft: EditDraft, *, status: int = 200
) -> Response:
    with services.database.reading() as session:
        row = cohorts.get(session, cohort_id)
        name, version = row.name, cohorts.standing(row).version
    return remarks.page(
        request,
        "console/edit.html",
        session_id=staff.session_id,
        status=status,
        staff=staff,
        cohort_id=cohort_id,
        name=name,
        version=version,
        draft=draft,
        save=_SAVE,
        obstacles=OBSTACLES,
        inventory=INVENTORY,
        already_done=already_done,
    )


def _cohort_path(cohort_id: str) -> str:
    return f"/console/cohorts/{quote(cohort_id, safe='')}"
