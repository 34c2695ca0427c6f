"""Answers the forms by which members make a pack of evidence: the pack, or their page with what is wrong."""

from fastapi.responses import Response

from api.staff.rights import Staff
from api.web import remarks
from api.web.evidence_downloads import download
from api.web.evidence_pages import StandalonePages
from domain.evidence.packs import EvidenceRefused, PackKind
from domain.staff.reasons import BadReason
from services.container import Services
from services.evidence.handing_out import hand_out


def answer(
    services: Services, staff: Staff, kind: PackKind, subject_id: str, *, reason: str, page: str
) -> Response:
    """The pack as a file; `page` again, with what is wrong, where none is made."""
    try:
        pack = hand_out(services, kind, subject_id, staff.author, reason=reason, pages=StandalonePages())
    except (BadReason, EvidenceRefused) as refusal:
        status = 400 if isinstance(refusal, BadReason) else 409
        return remarks.back_to(
            services, page, session_id=staff.session_id, status=status, problem=str(refusal)
        )
    return download(pack)
