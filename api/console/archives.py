"""Takes a cohort that is over off the list, and brings it back, with a reason."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Form
from fastapi.responses import Response

from api.staff.rights import RunsRollouts, Staff
from api.web import remarks
from api.web.arguments import Use
from api.web.pages import go_to
from domain.rollouts.archives import ArchiveRefused
from services.container import Services
from services.rollouts import archives

Reason = Annotated[str, Form(max_length=500)]

router = APIRouter(prefix="/console/cohorts/{cohort_id}")


@router.post("/archive")
def archive(services: Use, staff: RunsRollouts, cohort_id: str, reason: Reason = "") -> Response:
    """Take the cohort off the list."""
    return _done(services, staff, cohort_id, "archive", reason, archives.archive)


@router.post("/unarchive")
def bring_back(services: Use, staff: RunsRollouts, cohort_id: str, reason: Reason = "") -> Response:
    """Bring the cohort back to the list."""
    return _done(services, staff, cohort_id, "unarchive", reason, archives.bring_back)


def _done(
    services: Services,
    staff: Staff,
    cohort_id: str,
    command: str,
    reason: str,
    act: Callable[..., None],
) -> Response:
    path, status, problem = f"/console/cohorts/{cohort_id}", 400, "Say why: it goes into the cohort's log."
    if reason.strip():
        try:
            act(services, staff.author, cohort_id, reason=reason.strip())
        except ArchiveRefused as refusal:
            status, problem = 409, f"That was refused: {refusal}."
        else:
            return go_to(path)
    said: dict[str, Any] = {
        "problem": problem,
        "attempt": {"command": command, "reason": reason, "extend_by": ""},
    }
    return remarks.back_to(services, path, session_id=staff.session_id, status=status, **said)
