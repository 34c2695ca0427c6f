"""Takes an operator's word that the prompt may come back to a slice of a cohort's people."""

from typing import Annotated, Any

from fastapi import APIRouter, Form
from fastapi.responses import Response

from api.staff.rights import RunsRollouts
from api.web import remarks
from api.web.arguments import Use
from api.web.pages import go_to
from domain.errors import Refused
from services.rollouts import slice_holds

router = APIRouter(prefix="/console/cohorts")


@router.post("/{cohort_id}/slices/{hold_id}/lift")
def lift(
    services: Use,
    staff: RunsRollouts,
    cohort_id: str,
    hold_id: str,
    reason: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    """Lift a hold, with a reason."""
    path, problem = f"/console/cohorts/{cohort_id}", "Say why the prompt may come back."
    status = 400
    if reason.strip():
        try:
            slice_holds.lift(services, staff.author, cohort_id, hold_id, reason=reason.strip())
        except Refused:
            status, problem = 409, "This hold has ended already."
        else:
            return go_to(path)
    said: dict[str, Any] = {
        "problem": problem,
        "attempt": {"command": "", "reason": reason, "extend_by": ""},
    }
    return remarks.back_to(services, path, session_id=staff.session_id, status=status, **said)
