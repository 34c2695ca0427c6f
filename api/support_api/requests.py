"""Acts that take two members of staff: the requests that wait, yes and no, and what the member who asked gets then.

A key can list the requests and stop a pass. All else takes a session.
"""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends
from fastapi.responses import Response
from pydantic import BaseModel, Field

from api.staff.rights import ActsOnCases, Approves, Staff, require, signed_hand, stepped_up
from api.support_api.people import Why
from api.web import export_pages
from api.web.arguments import Use
from domain.desk.acts import Act
from domain.journal import Actor
from domain.safety.objections import Outcome
from domain.staff.reasons import clean_reason
from domain.staff.staff import AuditKind, Right
from services.rights import exports
from services.rights.exports import AccountExport, ExportForm
from services.safety import approvals, rescue_passes
from store.acts import refusals
from store.safety import rescues
from store.staff import audit, staff_requests

router = APIRouter(prefix="/requests", tags=["two people"])

ShowsCodes = Annotated[Staff, Depends(stepped_up(Right.ACT_ON_CASES, "Show the code"))]
SeesRequests = Annotated[Staff, Depends(require(Right.APPROVE))]


class Waiting(BaseModel):
    """One request that waits for a second member."""

    request_id: str
    account_id: str
    act: Act | Literal["settle_objection"]
    days: int = Field(description="Of an extension or an exemption.")
    exemption: str | None = Field(validation_alias="rest", description="The code of an exemption's basis.")
    evidence: str = Field(description="Of an exemption.")
    target: str = Field(
        description="The id of the passkey or the objection that it is about; of an erasure, what becomes of SMS."
    )
    outcome: Outcome | None = Field(description="How the objection is to be settled.")
    reason: str
    asked_at: datetime
    asked_by: str = Field(description="The id of the member who asked.")


class WaitingList(BaseModel):
    """What waits, oldest first."""

    requests: list[Waiting]


class Decided(BaseModel):
    """It is written down."""

    request_id: str


class ShownCode(BaseModel):
    """A code to read out, shown this once."""

    code: str
    expires_at: datetime


class Stop(BaseModel):
    """Why a pass is stopped."""

    reason: Why


@router.get("")
def show(services: Use, _staff: SeesRequests) -> WaitingList:
    """What waits for a decision."""
    with services.database.reading() as session:
        requests = staff_requests.waiting(session, now=services.clock())
        return WaitingList(
            requests=[Waiting.model_validate(request, from_attributes=True) for request in requests]
        )


@router.post("/{request_id}/approve")
def approve(services: Use, staff: Approves, request_id: UUID) -> Decided:
    """Say yes, as another member than the one who asked: it is carried out at once."""
    approvals.approve(services, str(request_id), staff.author, signed_hand(staff), role=staff.role)
    return Decided(request_id=str(request_id))


@router.post("/{request_id}/decline")
def decline(services: Use, staff: SeesRequests, request_id: UUID) -> Decided:
    """Say no; the member who asked withdraws it so."""
    approvals.decline(services, str(request_id), staff.author, signed_hand(staff))
    return Decided(request_id=str(request_id))


@router.post("/{request_id}/stop")
def stop(services: Use, staff: ActsOnCases, request_id: UUID, body: Stop) -> Decided:
    """Stop a rescue pass for good; any member who acts on cases may."""
    reason, now = clean_reason(body.reason), services.clock()
    with refusals.deciding(services.database, staff.author, str(request_id), at=now) as session:
        by = staff.author.mark
        account_id = rescues.stop(session, str(request_id), at=now, actor=Actor.STAFF, by=by, reason=reason)
        kind = AuditKind.RESCUE_STOPPED
        audit.append(
            session,
            staff.author,
            kind,
            at=now,
            account_id=account_id,
            reason=reason,
            request_id=str(request_id),
        )
    return Decided(request_id=str(request_id))


@router.post("/{request_id}/code")
def show_code(services: Use, staff: ShowsCodes, request_id: UUID) -> ShownCode:
    """The code of a rescue pass, once, for the member who asked for it, when its delay is over."""
    rescue_code = rescue_passes.show(services, str(request_id), staff.author, signed_hand(staff))
    return ShownCode(code=rescue_code.code, expires_at=rescue_code.expires_at)


@router.post(
    "/{request_id}/export",
    response_model=AccountExport,
    responses={
        200: {"content": {"text/html": {"schema": {"type": "string"}}}, "description": "All that is kept"}
    },
)
def fetch_export(
    services: Use, staff: ShowsCodes, request_id: UUID, form: ExportForm = ExportForm.JSON
) -> Response:
    """All that is kept about a person, for the member who asked, within 72 hours of the approval: JSON, or a page."""
    export = exports.fetch(services, str(request_id), staff.author, signed_hand(staff), form)
    return export_pages.download(export, form)
