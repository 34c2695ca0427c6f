"""Settles an objection: was it the owner, or somebody else? It may remove a passkey, so no key is enough."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from api.staff.rights import Staff, stepped_up
from api.support_api.people import Why
from api.web.arguments import Use
from domain.objections import Outcome
from domain.staff.staff import Right
from services.safety import settlements
from store.acts import refusals

router = APIRouter(tags=["acts"])

SettlesObjections = Annotated[Staff, Depends(stepped_up(Right.ACT_ON_CASES))]


class Settle(BaseModel):
    """What support found out."""

    outcome: Outcome = Field(description="Upheld: it was not the owner, and the passkey goes.")
    reason: Why


class Settled(BaseModel):
    """It is written down."""

    objection_id: str
    outcome: Outcome


@router.post("/cases/{account_id}/objections/{objection_id}/settle")
def settle(
    services: Use, staff: SettlesObjections, account_id: UUID, objection_id: UUID, body: Settle
) -> Settled:
    """Settle it; the journey goes on when none is open."""
    account, objection, now = str(account_id), str(objection_id), services.clock()
    with refusals.settling(services.database, staff.author, account, objection, at=now) as session:
        settlements.settle(
            session,
            staff.author,
            account,
            objection,
            outcome=body.outcome,
            reason=body.reason,
            at=now,
        )
    return Settled(objection_id=objection, outcome=body.outcome)
