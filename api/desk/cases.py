"""A person's case on one page. The audit keeps every look, and every contact shown in full with the reason."""

from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from api.desk import act_lines, case_view, dispute_view, request_view
from api.staff.rights import RevealsContacts, SeesCases, Staff
from api.web import remarks
from api.web.arguments import Use
from domain.desk.acts import SETTLE_OBJECTION, Act
from domain.errors import Throttled
from domain.staff.reasons import BadReason, clean_reason
from domain.staff.staff import AuditKind
from domain.words import act_words
from services.container import Services
from services.rights import exports
from store import Session
from store.acts import subjects
from store.desk import cases, reveals
from store.people import exemptions
from store.safety import objections, rescues
from store.staff import audit, staff_requests
from store.staff import staff as members
from store.staff.audit import Sought

_JUST_DONE = timedelta(minutes=2)
"""How long after an act the case's page says that it was done."""

router = APIRouter(prefix="/console/cases")

Reason = Annotated[str, Form(max_length=500)]


@router.get("/{account_id}")
def show(
    request: Request, services: Use, staff: SeesCases, account_id: UUID, done: Act | None = None
) -> Response:
    """The case, with masked contacts; after an act, with what was done."""
    return case_page(request, services, staff, str(account_id), done=done or "")


@router.post("/{account_id}/reveal")
def show_contacts(services: Use, staff: RevealsContacts, account_id: UUID, reason: Reason = "") -> Response:
    """The case with its contacts in full, shown once."""
    page_of_case, session_id = f"/console/cases/{account_id}", staff.session_id
    try:
        why = clean_reason(reason)
    except BadReason as bad:
        return remarks.back_to(services, page_of_case, session_id=session_id, status=400, problem=str(bad))
    with services.database.transaction() as session:
        contacts = reveals.reveal(session, staff.author, str(account_id), reason=why, at=services.clock())
    if isinstance(contacts, Throttled):
        raise contacts
    return remarks.back_to(services, page_of_case, session_id=session_id, contacts=contacts)


def case_page(
    request: Request,
    services: Services,
    staff: Staff,
    account_id: str,
    *,
    done: str = "",
) -> Response:
    """The page of a case. The audit first keeps who sees it. Raises Unknown."""
    now = services.clock()
    with services.database.reading() as session:
        case = cases.draw(session, account_id, now=now)
        acts = act_lines.lines(account_id, subjects.read(session, account_id, now=now), staff, now=now)
        context = _around(session, services, staff, account_id, now=now)
        just_done = _just_done(session, staff, account_id, done, now=now) if done else None
    with services.database.transaction() as session:
        audit.append(session, staff.author, AuditKind.CASE_SEEN, at=now, account_id=account_id)
    return remarks.page(
        request,
        "desk/case.html",
        session_id=staff.session_id,
        staff=staff,
        shown=case_view.view(
            case,
            acts,
            context["names"],
            now=now,
            temporal_ui=services.temporal_ui,
            ticket_url=services.ticket_url,
        ),
        case=case,
        problem="",
        done=act_lines.done(Act(done), acts, waits=just_done == AuditKind.ASKED_FOR) if just_done else None,
        contacts={},
        act_words=act_words,
        **context,
    )


def _around(
    session: Session, services: Services, staff: Staff, account_id: str, *, now: datetime
) -> dict[str, Any]:
    """What colleagues have asked for and decided, and what the owner has objected to."""
    requests = staff_requests.of_account(session, account_id)
    waiting = [request for request in requests if request.waits(now)]
    account_objections = objections.of_account(session, account_id)
    return {
        "names": members.names(session),
        "waiting": request_view.lines(session, waiting, bases=services.bases, role=staff.role, now=now),
        "bases": services.bases,
        "exemptions": exemptions.of_account(session, account_id),
        "settling": {request.target for request in waiting if request.act == SETTLE_OBJECTION},
        "exports": [request for request in requests if exports.may_be_fetched(request, now)],
        "passes": rescues.of_account(session, account_id, now=now),
        "requests_by_id": {request.request_id: request for request in requests},
        "objections": account_objections,
        "disputes_by_id": {
            objection.objection_id: dispute_view.view(session, objection)
            for objection in account_objections
            if objection.settled_at is None
        },
    }


def _just_done(session: Session, staff: Staff, account_id: str, act: str, *, now: datetime) -> str | None:
    """Whether this member has just done the act or asked for it, because anybody can write `?done=` into an address."""
    sought = Sought(account_id=account_id, by=staff.author.by, since=now - _JUST_DONE)
    done = (AuditKind.CASE_ACTED_ON, AuditKind.ASKED_FOR)
    lately = audit.latest(session, sought, limit=9)
    acted = (entry.kind for entry in lately if entry.kind in done and entry.detail.get("act") == act)
    return next(acted, None)
