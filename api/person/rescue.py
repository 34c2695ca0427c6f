"""The way in for who has none: a code that support reads out, good for making one passkey."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from api.web.admissions import enter
from api.web.arguments import Use
from api.web.pages import page
from api.web.regions import BrowserRegion
from api.web.visitors import Visiting
from domain.errors import BadContact, CodeRejected
from services.people.contacts import read_contact
from services.safety import rescue_passes

router = APIRouter()


@router.get("/rescue")
def ask_code(request: Request) -> Response:
    """The fields for the code from support."""
    return page(request, "rescue.html", error=None, typed="")


@router.post("/rescue")
def enter_by_code(
    request: Request,
    services: Use,
    visit: Visiting,
    region: BrowserRegion,
    identifier: Annotated[str, Form(max_length=320)] = "",
    code: Annotated[str, Form(max_length=64)] = "",
) -> Response:
    """Let the bearer make a passkey; whatever is wrong, the answer is the same."""
    try:
        contact = read_contact(identifier.strip(), region)
        return enter(services, rescue_passes.enter_by(services, visit, contact, code))
    except (BadContact, CodeRejected) as error:
        kind = "contact" if isinstance(error, BadContact) else "code"
        return page(request, "rescue.html", status=400, error=kind, typed=identifier)
