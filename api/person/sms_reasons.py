"""Asks somebody who has a passkey why they came in by a text-message code."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from api.web.arguments import Use
from api.web.pages import go_to, page
from api.web.visitors import SignedIn, Visiting, way_on
from domain.prompts import SmsReason
from services.people import prompting

router = APIRouter()

_LEADS_TO = {SmsReason.NEW_DEVICE: "/setup/passkey", SmsReason.LOST: "/sign-in/lost"}


@router.get("/sign-in/why")
def ask(request: Request, visit: Visiting, person: SignedIn) -> Response:
    """The question; nobody has to answer it."""
    return page(request, "person/sms_why.html", way_on=way_on(visit))


@router.post("/sign-in/why")
def answer(
    services: Use, visit: Visiting, person: SignedIn, reason: Annotated[SmsReason, Form()]
) -> Response:
    """Keep the answer, and go on: to what a new or a lost device needs, to the account, or back to the host."""
    prompting.note_sms_reason(services, person, reason)
    return go_to(_LEADS_TO.get(reason) or way_on(visit))
