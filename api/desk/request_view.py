"""What a request that waits is about, and what approving it will do; or why it cannot be approved now."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from api.desk import dispute_view
from api.desk.dispute_view import DisputePicture
from domain.desk.act_rules import Doer, NotAllowed, allowed
from domain.desk.acts import SETTLE_OBJECTION, Act, Subject
from domain.desk.exemptions import Bases
from domain.facts import Facts
from domain.staff.staff import Role
from store import Session
from store.acts import subjects
from store.people import passkeys
from store.people.passkeys import Passkey
from store.safety import objections
from store.safety.objections import Objection
from store.staff.staff_requests import StaffRequest


@dataclass(frozen=True, kw_only=True)
class RequestLine:
    """One request that waits; `refusal` says why it cannot be approved now.

    `passkey`, `objection` and `basis` (in words) are what it is about, if it is about one of them; `dispute` is what
    hangs together with the objection. `facts` are those of the account.
    """

    request: StaffRequest
    facts: Facts
    passkey: Passkey | None
    objection: Objection | None
    dispute: DisputePicture | None
    basis: str
    refusal: str


_ABOUT_DEVICES = (Act.REMOVE_DEVICE, Act.LIFT_HOLD)


def lines(
    session: Session, requests: Sequence[StaffRequest], *, bases: Bases, role: Role, now: datetime
) -> list[RequestLine]:
    """The requests as a member with this role sees them."""
    return [_line(session, request, bases, role, now) for request in requests]


def _line(session: Session, request: StaffRequest, bases: Bases, role: Role, now: datetime) -> RequestLine:
    account_id, target = request.account_id, request.target
    subject = subjects.read(session, account_id, now=now)
    account_passkeys = passkeys.ever_bound(session, account_id) if request.act in _ABOUT_DEVICES else ()
    objection = objections.get(session, target) if request.act == SETTLE_OBJECTION else None
    return RequestLine(
        request=request,
        facts=subject.facts,
        passkey=next((row for row in account_passkeys if row.passkey_id == target), None),
        objection=objection,
        dispute=dispute_view.view(session, objection) if objection else None,
        basis=bases.words(request.rest) if request.rest else "",
        refusal=_settled(objection) if objection else _refusal(request, subject, role, now),
    )


def _settled(objection: Objection) -> str:
    return "This objection is settled." if objection.settled_at else ""


def _refusal(request: StaffRequest, subject: Subject, role: Role, now: datetime) -> str:
    # The pass that is under way may be the one that waits here.
    apart_from_it = replace(subject, is_rescue_open=False)
    answer = allowed(Act(request.act), apart_from_it, Doer(role=role), now, target=request.target)
    return answer.reason if isinstance(answer, NotAllowed) else ""
