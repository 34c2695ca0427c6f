"""Packs of evidence for auditors, for members who may make them."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import BaseModel, Field

from api.staff.rights import MakesEvidence
from api.support_api.acts import OnBehalfOf, author_of
from api.support_api.people import Why
from api.web.arguments import Use
from api.web.evidence_downloads import MEDIA_TYPE, download
from api.web.evidence_pages import StandalonePages
from domain.evidence.packs import PackKind
from services.evidence.handing_out import hand_out

router = APIRouter(tags=["evidence"])


class PackOf(BaseModel):
    """What the pack is to be about, and why it is made."""

    about: Annotated[PackKind, Field(description="A cohort, with all of its members, or one account.")]
    id: Annotated[UUID, Field(description="The `cohort_id` or the `account_id`.")]
    reason: Why
    on_behalf_of: OnBehalfOf = ""


@router.post(
    "/evidence",
    response_class=Response,
    responses={
        200: {
            "content": {MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}},
            "description": "The pack, as a zip",
        }
    },
)
def make_pack(services: Use, staff: MakesEvidence, body: PackOf) -> Response:
    """A signed zip: on what evidence codes went, what people were told and offered, who decided what; contacts masked.

    A cohort with more than 10,000 members is packed on the command line.
    """
    author = author_of(staff, body.on_behalf_of)
    pack = hand_out(services, body.about, str(body.id), author, reason=body.reason, pages=StandalonePages())
    return download(pack)
