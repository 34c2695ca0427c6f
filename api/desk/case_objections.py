"""Asks a second member to settle an objection: was it the owner, or somebody else? It takes a fresh ceremony."""

from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from api.desk import dispute_view
from api.staff.kept_forms import SentForm, form_kept_for
from api.staff.rights import ActsOnCases, Staff, require_step_up, signed_hand
from api.web import remarks
from api.web.arguments import Use
from api.web.pages import go_to
from domain.desk.acts import SETTLE_OBJECTION
from domain.errors import Refused, Unknown
from domain.safety.objections import Outcome
from domain.staff.approvals import ASKED_FOR
from domain.words import act_words
from services.container import Services
from services.safety import settlements
from store.acts import refusals
from store.people import accounts
from store.staff import staff as members
from store.staff import staff_requests

router = APIRouter(prefix="/console/cases/{account_id}/objections/{objection_id}")


@router.get("")
def ask(
    request: Request,
    services: Use,
    staff: ActsOnCases,
    account_id: UUID,
    objection_id: UUID,
) -> Response:
    """The form with what each outcome does, or the request that waits; after a step up, with what was typed before."""
    typed = form_kept_for(request).values()
    return _page(request, services, staff, account_id, objection_id, typed=typed)


@router.post("")
def settle(
    request: Request,
    services: Use,
    staff: ActsOnCases,
    account_id: UUID,
    objection_id: UUID,
    sent: SentForm,
    outcome: Annotated[Outcome, Form()],
    reason: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """Ask a second member to settle it; the journey goes on when they have approved and none is open."""
    typed = {"outcome": outcome.value, "reason": reason}
    form = replace(sent, button=act_words.ASKS)
    require_step_up(services, staff, form, page=_path(account_id, objection_id))
    try:
        _ask(services, staff, str(account_id), str(objection_id), outcome, reason)
    except Unknown:
        raise
    except Refused as refusal:
        remark: dict[str, Any] = {"status": 409, "typed": typed, "problem": str(refusal)}
        try:
            path = _path(account_id, objection_id)
            return remarks.back_to(services, path, session_id=staff.session_id, **remark)
        except remarks.TooMuchToSay:
            return _page(request, services, staff, account_id, objection_id, **remark)
    return go_to(f"/console/cases/{account_id}")


def _ask(
    services: Services, staff: Staff, account_id: str, objection_id: str, outcome: Outcome, reason: str
) -> None:
    author, hand, now = staff.author, signed_hand(staff), services.clock()
    with refusals.settling(services.database, author, account_id, objection_id, at=now) as session:
        settlements.ask(
            session, author, hand, account_id, objection_id, outcome=outcome, reason=reason, at=now
        )


def _path(account_id: UUID, objection_id: UUID) -> str:
    return f"/console/cases/{account_id}/objections/{objection_id}"


def _page(
    request: Request,
    services: Services,
    staff: Staff,
    account_id: UUID,
    objection_id: UUID,
    *,
    typed: dict[str, str],
    status: int = 200,
    problem: str = "",
) -> Response:
    now = services.clock()
    with services.database.reading() as session:
        waiting = staff_requests.find_waiting(
            session, str(account_id), SETTLE_OBJECTION, target=str(objection_id), now=now
        )
        names = members.names(session)
        objection = settlements.find(session, str(account_id), str(objection_id))
        dispute = dispute_view.view(session, objection)
        whose = accounts.get(session, str(account_id)).external_id
    return remarks.page(
        request,
        "desk/settle.html",
        session_id=staff.session_id,
        status=status,
        staff=staff,
        objection=objection,
        dispute=dispute,
        whose=whose,
        problem=problem,
        waiting=waiting,
        names=names,
        act_words=act_words,
        asked_for_hours=ASKED_FOR // timedelta(hours=1),
        typed={"outcome": "", "reason": ""} | typed,
    )
