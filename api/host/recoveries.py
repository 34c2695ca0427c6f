"""A host vouches for somebody who wants to get back in: one of the two things that a recovery takes."""

from typing import Annotated

from fastapi import APIRouter, Body
from pydantic import BaseModel, ConfigDict, Field

from api.host.callers import VouchesForPeople
from api.host.named_requests import HostRoute
from api.web.arguments import Use
from services.recovery import proofs

router = APIRouter(route_class=HostRoute, tags=["recoveries"])


class VouchBody(BaseModel):
    """For whom you vouch: the account, and the reference that the person has read out to you."""

    model_config = ConfigDict(extra="forbid")

    external_id: str = Field(
        min_length=1, max_length=255, description="Your own id of the account.", examples=["u-1815"]
    )
    reference: str = Field(
        min_length=1,
        max_length=32,
        description="What the page of the person's request shows; blanks, dashes and capitals do not matter.",
        examples=["k7d2 m9qx"],
    )


@router.post("/recoveries/vouch", status_code=204)
def vouch(services: Use, _key: VouchesForPeople, body: Annotated[VouchBody, Body()]) -> None:
    """Say that you have made sure who asks to get back in. Alone it opens nothing; a second time changes nothing."""
    proofs.vouch(services, body.external_id, body.reference)
