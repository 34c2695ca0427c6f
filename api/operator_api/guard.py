"""The guard against an attack as JSON: a program reads where it stands, and raises it when it sees an attack."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from api.operator_api.orders import OrderBody, OrderRefused, author_and_reason
from api.staff.kept_forms import SentForm
from api.staff.rights import RaisesGuard, SeesRollouts, Staff, require_step_up
from api.staff.visits import AtConsole
from api.web.arguments import Use
from domain.safety.guard import LONGEST, SHORTEST, BadLength
from services.container import Services
from services.safety import guard
from services.safety.guard import GuardStanding, NearerEnd

router = APIRouter(prefix="/guard", tags=["guard"])


class Raising(OrderBody):
    """For how long the guard is to be up from now on."""

    length: Annotated[
        timedelta,
        Field(ge=SHORTEST, le=LONGEST, description="For how long from now (ISO 8601, like `PT6H`)."),
    ]


@router.get("")
def read(services: Use, _staff: SeesRollouts) -> GuardStanding:
    """Whether it is up, until when and why, and its latest raisings."""
    with services.database.reading() as session:
        return guard.standing(session, now=services.clock())


@router.post("")
def put_up(
    services: Use, visit: AtConsole, staff: RaisesGuard, form: SentForm, body: Raising
) -> GuardStanding:
    """Raise it, or let the guard that is up last longer.

    A nearer end weakens what protects everybody: like lowering it, that takes a fresh ceremony, and no key.
    """
    try:
        return _put_up(services, staff, body, may_shorten=False)
    except NearerEnd:
        require_step_up(services, staff, form, page=visit.back)
        return _put_up(services, staff, body, may_shorten=True)


def _put_up(services: Services, staff: Staff, body: Raising, *, may_shorten: bool) -> GuardStanding:
    now = services.clock()
    author, reason = author_and_reason(staff, body)
    try:
        with services.database.transaction() as session:
            guard.put_up(session, author, length=body.length, reason=reason, at=now, may_shorten=may_shorten)
            return guard.standing(session, now=now)
    except BadLength as refusal:
        raise OrderRefused(str(refusal)) from refusal
