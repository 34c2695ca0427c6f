"""Makes a pack of evidence about one account, for whoever may, with a reason."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form
from fastapi.responses import Response

from api.staff import evidence_forms
from api.staff.rights import MakesEvidence
from api.web.arguments import Use
from domain.evidence.packs import PackKind

router = APIRouter(prefix="/console/cases")


@router.post("/{account_id}/evidence")
def make_pack(
    services: Use,
    staff: MakesEvidence,
    account_id: UUID,
    reason: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    """The pack as a file; the case again, with what is wrong, where none is made."""
    page = f"/console/cases/{account_id}"
    return evidence_forms.answer(services, staff, PackKind.ACCOUNT, str(account_id), reason=reason, page=page)
