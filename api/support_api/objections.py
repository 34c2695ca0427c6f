"""Asks a second member to settle an objection: was it the owner, or somebody else? No key is enough for that."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from api.staff.rights import Staff, signed_hand, stepped_up
from api.support_api.people import Why
from api.web.arguments import Use
from domain.safety.objections import Outcome
from domain.staff.staff import Right
from services.safety import settlements
from store.acts import refusals

router = APIRouter(tags=["acts"])

SettlesObjections = Annotated[Staff, Depends(stepped_up(Right.ACT_ON_CASES, "Ask a colleague"))]


class Settle(BaseModel):
    """What support found out."""

    outcome: Outcome = Field(description="Upheld: it was not the owner, and the passkey goes.")
    reason: Why


class SettlementAsked(BaseModel):
    """It waits for a second member."""

    objection_id: str
    outcome: Outcome
    request_id: str = Field(description="What the second member approves or declines.")


@router.post("/cases/{account_id}/objections/{objection_id}/settle", status_code=202)
def settle(
    services: Use, staff: SettlesObjections, account_id: UUID, objection_id: UUID, body: Settle
) -> SettlementAsked:
    """Ask a second member to settle it; the journey goes on when they have approved and none is open."""
    account, objection, now = str(account_id), str(objection_id), services.clock()
    hand = signed_hand(staff)
    with refusals.settling(services.database, staff.author, account, objection, at=now) as session:
        request_id = settlements.ask(
            session,
            staff.author,
            hand,
            account,
            objection,
            outcome=body.outcome,
            reason=body.reason,
            at=now,
        )
    return SettlementAsked(objection_id=objection, outcome=body.outcome, request_id=request_id)
