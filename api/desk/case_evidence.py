"""Makes a pack of evidence about one account, for whoever may, with a reason."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form
from fastapi.responses import Response

from api.staff.rights import MakesEvidence
from api.web import remarks
from api.web.arguments import Use
from api.web.evidence_downloads import download
from api.web.evidence_pages import StandalonePages
from domain.evidence.packs import EvidenceRefused, PackKind
from domain.staff.reasons import BadReason
from services.evidence.handing_out import hand_out

router = APIRouter(prefix="/console/cases")


@router.post("/{account_id}/evidence")
def make_pack(
    services: Use,
    staff: MakesEvidence,
    account_id: UUID,
    reason: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    """The pack as a file; the case again, with what is wrong, where none is made."""
    kind, subject_id = PackKind.ACCOUNT, str(account_id)
    try:
        pack = hand_out(services, kind, subject_id, staff.author, reason=reason, pages=StandalonePages())
    except (BadReason, EvidenceRefused) as refusal:
        path, status = f"/console/cases/{account_id}", 400 if isinstance(refusal, BadReason) else 409
        return remarks.back_to(
            services, path, session_id=staff.session_id, status=status, problem=str(refusal)
        )
    return download(pack)
