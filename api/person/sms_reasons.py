"""Asks somebody who has a passkey why they came in by a text-message code."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from api.web.arguments import Use
from api.web.pages import go_to, page
from api.web.visitors import SignedIn
from domain.prompts import SmsReason
from services.people import prompting

router = APIRouter()


@router.get("/sign-in/why")
def ask(request: Request, person: SignedIn) -> Response:
    """The question; nobody has to answer it."""
    return page(request, "person/sms_why.html")


@router.post("/sign-in/why")
def answer(services: Use, person: SignedIn, reason: Annotated[SmsReason, Form()]) -> Response:
    """Keep the answer, and go where it leads: to a passkey on this device, or to the account."""
    prompting.note_sms_reason(services, person, reason)
    return go_to("/setup/passkey" if reason is SmsReason.NEW_DEVICE else "/account")
