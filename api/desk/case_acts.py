"""The acts of support, each on a small page of its own: what will happen, to whom, and why.

A form that is sent twice acts once. After a step up or a refusal, the form still holds what was typed.
"""

from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response

from api.desk.act_lines import path_of
from api.staff.kept_forms import SentForm, form_kept_for
from api.staff.rights import ActsOnCases, Staff, require_step_up
from api.web import remarks
from api.web.arguments import Use
from api.web.pages import go_to
from domain.desk.act_rules import Doer, NotAllowed, allowed, takes_two
from domain.desk.acts import STEPPED_UP, Act
from domain.desk.extensions import longest_extension
from domain.errors import Refused, Unknown
from domain.safety.routes import proven_routes
from domain.safety.throttle import Throttle
from domain.staff.approvals import ASKED_FOR
from domain.staff.staff import AuditKind
from domain.words import act_words
from services.container import Services
from store import Session
from store.acts import doing, refusals, subjects
from store.acts.orders import ActOrder
from store.desk import cases
from store.engine import throttles
from store.people import exemptions
from store.staff import audit

router = APIRouter(prefix="/console/cases/{account_id}/acts")


@dataclass(frozen=True, kw_only=True)
class ActForm:
    """What was typed or chosen about an act, as it stood in the fields."""

    reason: str = ""
    days: str = ""
    rest: str = ""
    evidence: str = ""
    target: str = ""


def _form(
    reason: Annotated[str, Form(max_length=2000)] = "",
    days: Annotated[str, Form(max_length=4)] = "",
    rest: Annotated[str, Form(max_length=40)] = "",
    evidence: Annotated[str, Form(max_length=2000)] = "",
    target: Annotated[str, Form(max_length=64)] = "",
) -> ActForm:
    return ActForm(reason=reason, days=days, rest=rest, evidence=evidence, target=target)


TypedAct = Annotated[ActForm, Depends(_form)]
"""The form, as an argument of a route."""


@router.get("/{act}")
def ask(request: Request, services: Use, staff: ActsOnCases, account_id: UUID, act: Act) -> Response:
    """The page of one act; after a step up, with what was typed before."""
    kept = form_kept_for(request)
    typed = ActForm(**{each.name: kept.value(each.name) for each in fields(ActForm)})
    return _page(request, services, staff, str(account_id), act, typed=typed)


@router.post("/{act}")
def do(
    request: Request,
    services: Use,
    staff: ActsOnCases,
    account_id: UUID,
    act: Act,
    typed: TypedAct,
    sent: SentForm,
    once: Annotated[UUID, Form()],
) -> Response:
    """Do it, and go back to the case. The case says what was done and how to undo it."""
    if act in STEPPED_UP:
        form = replace(sent, button=act_words.ASKS)
        require_step_up(services, staff, form, page=path_of(str(account_id), act))
    order = _order(services, staff, str(account_id), act, typed)
    try:
        now = services.clock()
        with refusals.acting(services.database, order, at=now) as session:
            _do_once(session, order, once, at=now)
    except Unknown:
        raise
    except Refused as refusal:
        return _back(request, services, staff, str(account_id), act, typed=typed, problem=str(refusal))
    return go_to(f"/console/cases/{account_id}?done={act}")


def _do_once(session: Session, order: ActOrder, once: UUID, *, at: datetime) -> None:
    if throttles.count(session, Throttle.ACTS_PER_FORM, f"{order.account_id}:{once}", now=at) is None:
        doing.perform(session, order, at=at)


def _order(services: Services, staff: Staff, account_id: str, act: Act, typed: ActForm) -> ActOrder:
    return ActOrder(
        act=act,
        account_id=account_id,
        author=staff.author,
        role=staff.role,
        reason=typed.reason,
        days=int(typed.days) if typed.days.isdecimal() else 0,
        basis=services.bases.find(typed.rest),
        evidence=typed.evidence,
        target=typed.target,
        hand=staff.hand,
    )


def _back(
    request: Request,
    services: Services,
    staff: Staff,
    account_id: str,
    act: Act,
    *,
    typed: ActForm,
    problem: str,
) -> Response:
    """The form again, with what was typed and why it was refused."""
    said: dict[str, Any] = {"typed": asdict(typed), "problem": problem}
    try:
        return remarks.back_to(
            services, path_of(account_id, act), session_id=staff.session_id, status=409, **said
        )
    except remarks.TooMuchToSay:
        return _page(request, services, staff, account_id, act, typed=typed, status=409, problem=problem)


def _page(
    request: Request,
    services: Services,
    staff: Staff,
    account_id: str,
    act: Act,
    *,
    typed: ActForm,
    status: int = 200,
    problem: str = "",
) -> Response:
    now, doer = services.clock(), Doer(role=staff.role)
    with services.database.reading() as session:
        case = cases.draw(session, account_id, now=now)
        subject = subjects.read(session, account_id, now=now)
        exemption = exemptions.find_open(session, account_id)
    with services.database.transaction() as session:
        audit.append(session, staff.author, AuditKind.CASE_SEEN, at=now, account_id=account_id, act=act)
    answer = allowed(act, subject, doer, now)
    targets = {*subject.contacts, *subject.devices, *subject.suspects}
    answers = {target: allowed(act, subject, doer, now, target=target) for target in targets}
    return remarks.page(
        request,
        "desk/act.html",
        session_id=staff.session_id,
        status=409 if isinstance(answer, NotAllowed) else status,
        staff=staff,
        case=case,
        act=act,
        words=act_words,
        bases=services.bases,
        exemption=exemption.record() if exemption else None,
        refusal=answer.reason if isinstance(answer, NotAllowed) else "",
        refusals={target: no.reason for target, no in answers.items() if isinstance(no, NotAllowed)},
        takes_two=takes_two(act, subject),
        asked_for_hours=ASKED_FOR // timedelta(hours=1),
        alone=longest_extension(staff.role).days,
        has_route=bool(proven_routes(subject.facts)),
        problem=problem,
        typed=typed,
        once=uuid4(),
    )
