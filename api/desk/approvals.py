"""Acts that take two members of staff: requests that wait for a colleague, and rescue passes on their way."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response

from api.desk import request_view
from api.staff.rights import ActsOnCases, Approves, Staff, require, signed_hand, stepped_up
from api.web import export_pages, remarks
from api.web.arguments import Use
from api.web.pages import go_to
from domain.errors import Refused, Unknown
from domain.journal import Actor
from domain.staff.reasons import clean_reason
from domain.staff.staff import AuditKind, Right
from domain.words import act_words
from domain.words.spelling import spelled
from services.container import Services
from services.rights import exports
from services.rights.exports import ExportForm
from services.safety import approvals, rescue_passes
from store import Session
from store.acts import refusals
from store.people import accounts
from store.safety import rescues
from store.staff import audit, staff, staff_requests

router = APIRouter(prefix="/console/approvals")

SeesRequests = Annotated[Staff, Depends(require(Right.APPROVE))]
ShowsCodes = Annotated[Staff, Depends(stepped_up(Right.ACT_ON_CASES, "Show the code"))]
FetchesExports = Annotated[Staff, Depends(stepped_up(Right.ACT_ON_CASES, "Fetch it"))]


@router.get("")
def show(request: Request, services: Use, member: SeesRequests) -> Response:
    """The requests that wait, and the passes on their way."""
    return _page(request, services, member)


@router.post("/{request_id}/approve")
def approve(services: Use, member: Approves, request_id: UUID) -> Response:
    """Say yes, as another member than the one who asked."""
    try:
        hand = signed_hand(member)
        approvals.approve(services, str(request_id), member.author, hand, role=member.role)
    except Refused as refusal:
        return _refused(services, member, refusal)
    return go_to("/console/approvals")


@router.post("/{request_id}/decline")
def decline(services: Use, member: SeesRequests, request_id: UUID) -> Response:
    """Say no. The member who asked uses this to withdraw the request."""
    try:
        approvals.decline(services, str(request_id), member.author, signed_hand(member))
    except Refused as refusal:
        return _refused(services, member, refusal)
    return go_to("/console/approvals")


@router.post("/{request_id}/stop")
def stop(
    services: Use,
    member: ActsOnCases,
    request_id: UUID,
    reason: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """Stop a rescue pass for good; any member who acts on cases may."""
    try:
        why, now = clean_reason(reason), services.clock()
        with refusals.deciding(services.database, member.author, str(request_id), at=now) as session:
            _stop(session, member, str(request_id), why, at=now)
    except Refused as refusal:
        return _refused(services, member, refusal)
    return go_to("/console/approvals")


@router.post("/{request_id}/code")
def make_code(services: Use, member: ShowsCodes, request_id: UUID) -> Response:
    """The code of a rescue pass; the next page shows it, once."""
    try:
        rescue_code = rescue_passes.show(services, str(request_id), member.author, signed_hand(member))
    except Refused as refusal:
        return _refused(services, member, refusal)
    code, expires_at = rescue_code.code, rescue_code.expires_at.isoformat()
    path = f"/console/approvals/{request_id}/code"
    return remarks.back_to(services, path, session_id=member.session_id, code=code, expires_at=expires_at)


@router.get("/{request_id}/code")
def show_code(request: Request, services: Use, member: ActsOnCases, request_id: UUID) -> Response:
    """The code that was just made; afterwards the list, because it is shown once."""
    remark = remarks.read(request, session_id=member.session_id)
    if remark is None:
        return go_to("/console/approvals")
    with services.database.reading() as session:
        account_id = staff_requests.get(session, str(request_id)).account_id
        external_id = accounts.get(session, account_id).external_id
    return remarks.page(
        request,
        "desk/rescue_code.html",
        session_id=member.session_id,
        staff=member,
        external_id=external_id,
        account_id=account_id,
        origin=services.site.origin,
        spelled=spelled(remark.values["code"]),
        works_until=datetime.fromisoformat(remark.values["expires_at"]),
    )


@router.post("/{request_id}/export")
def fetch_export(
    services: Use, member: FetchesExports, request_id: UUID, form: Annotated[ExportForm, Form()]
) -> Response:
    """All that is kept about a person, as a file, for the member who asked for it."""
    try:
        export = exports.fetch(services, str(request_id), member.author, signed_hand(member), form)
    except Refused as refusal:
        return _refused(services, member, refusal)
    return export_pages.download(export, form)


def _stop(session: Session, member: Staff, request_id: str, reason: str, *, at: datetime) -> None:
    author = member.author
    account_id = rescues.stop(session, request_id, at=at, actor=Actor.STAFF, by=author.mark, reason=reason)
    kind, detail = AuditKind.RESCUE_STOPPED, {"request_id": request_id}
    audit.append(session, author, kind, at=at, account_id=account_id, reason=reason, **detail)


def _refused(services: Services, member: Staff, refusal: Refused) -> Response:
    if isinstance(refusal, Unknown):
        raise refusal
    remark: dict[str, Any] = {"status": 409, "problem": str(refusal)}
    return remarks.back_to(services, "/console/approvals", session_id=member.session_id, **remark)


def _page(request: Request, services: Services, member: Staff) -> Response:
    now = services.clock()
    with services.database.reading() as session:
        waiting = request_view.lines(
            session,
            staff_requests.waiting(session, now=now),
            bases=services.bases,
            role=member.role,
            now=now,
        )
        passes = rescues.under_way(session, now=now)
        requests_by_id = {
            rescue.request_id: staff_requests.get(session, rescue.request_id) for rescue in passes
        }
        ids = [line.request.account_id for line in waiting] + [rescue.account_id for rescue in passes]
        whose = accounts.get_many(session, ids)
        names = staff.names(session)
    return remarks.page(
        request,
        "desk/approvals.html",
        session_id=member.session_id,
        staff=member,
        waiting=waiting,
        passes=passes,
        requests_by_id=requests_by_id,
        whose=whose,
        names=names,
        act_words=act_words,
        problem="",
    )
