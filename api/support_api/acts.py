"""Does what support may do about one account: one route, one body for every act."""

from dataclasses import replace
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from api.staff.kept_forms import SentForm
from api.staff.rights import ActsOnCases, NotByKey, Staff, require_step_up
from api.staff.visits import AtConsole
from api.support_api.people import Why
from api.web.arguments import Use
from domain.desk.acts import STEPPED_UP, Act, ConsoleOnly
from domain.desk.exemptions import LONGEST_EVIDENCE
from domain.staff.reasons import BadReason, clean_reason
from domain.staff.staff import Author
from services.container import Services
from store.acts import doing, refusals
from store.acts.orders import ActOrder

router = APIRouter(tags=["acts"])


OnBehalfOf = Annotated[
    str, Field(max_length=60, description="Who does it at the other desk; a key has to say so.")
]


class ActOn(BaseModel):
    """How an act is to be done."""

    reason: Why
    on_behalf_of: OnBehalfOf = ""
    days: Annotated[int, Field(ge=0, le=365, description="Of a pause, an extension or an exemption.")] = 0
    exemption: str | None = Field(
        default=None, max_length=40, description="The code of an exemption's basis."
    )
    evidence: str = Field(
        default="",
        max_length=LONGEST_EVIDENCE,
        description="Of an exemption: a link that begins with https://, or a ticket's reference.",
    )
    target: Annotated[
        str,
        Field(
            max_length=64,
            description="The channel or the passkey's id that it is about; `restore_sms` or `leave_sms` of an erasure.",
        ),
    ] = ""


class Done(BaseModel):
    """What came of it."""

    done: bool = Field(description="False when it waits for a second member of staff.")
    request_id: str | None = Field(default=None, description="What waits for a second member.")


@router.post("/cases/{account_id}/acts/{act}", responses={202: {"model": Done, "description": "It waits"}})
def do(
    services: Use,
    visit: AtConsole,
    staff: ActsOnCases,
    form: SentForm,
    account_id: UUID,
    act: Act,
    body: ActOn,
    response: Response,
) -> Done:
    """Do an act, or ask a second member for it where it takes two."""
    if act in STEPPED_UP and not staff.author.key_id:
        require_step_up(services, staff, form, page=visit.back)
    order = ActOrder(
        act=act,
        account_id=str(account_id),
        author=author_of(staff, body.on_behalf_of),
        role=staff.role,
        reason=body.reason,
        days=body.days,
        basis=services.bases.find(body.exemption),
        evidence=body.evidence,
        target=body.target,
        hand=staff.hand,
    )
    request_id = _perform(services, order)
    response.status_code = 202 if request_id else 200
    return Done(done=request_id is None, request_id=request_id)


def author_of(staff: Staff, on_behalf_of: str) -> Author:
    """The author of an act. A key has to name the person for whom it acts, so that a person answers for every act."""
    if not on_behalf_of.strip():
        if staff.author.key_id:
            raise BadReason("Say in on_behalf_of who does this at the other desk.")
        return staff.author
    return replace(staff.author, on_behalf_of=clean_reason(on_behalf_of))


def _perform(services: Services, order: ActOrder) -> str | None:
    now = services.clock()
    try:
        with refusals.acting(services.database, order, at=now) as session:
            return doing.perform(session, order, at=now)
    except ConsoleOnly:
        raise NotByKey from None
