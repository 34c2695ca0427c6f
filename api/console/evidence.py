"""Makes a pack of evidence about a cohort, for whoever may, with a reason."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form
from fastapi.responses import Response

from api.staff import evidence_forms
from api.staff.rights import MakesEvidence
from api.web.arguments import Use
from domain.evidence.packs import PackKind

router = APIRouter(prefix="/console/cohorts")


@router.post("/{cohort_id}/evidence")
def make_pack(
    services: Use,
    staff: MakesEvidence,
    cohort_id: UUID,
    reason: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    """The pack as a file; the page again, with what is wrong, where none is made."""
    page = f"/console/cohorts/{cohort_id}"
    return evidence_forms.answer(services, staff, PackKind.COHORT, str(cohort_id), reason=reason, page=page)
