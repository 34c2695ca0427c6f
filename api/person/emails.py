"""The e-mail address over HTTP: people confirm or correct it, and verify it by a code here or by a link anywhere."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from api.person.steps import step_page
from api.web import remarks, visitors
from api.web.arguments import Use
from api.web.pages import go_to, page
from api.web.visitors import SignedIn, Visiting
from domain.errors import BadContact, CodeRejected
from domain.facts import Milestone
from providers.contacts import email_address
from services.people import email_verification
from services.people.email_verification import AlreadyVerified

router = APIRouter()

_STEP = Milestone.EMAIL_VERIFIED


@router.get("/setup/email")
def ask_address(request: Request, services: Use, person: SignedIn) -> Response:
    """The address on record, to confirm or correct."""
    email = email_verification.standing(services, person)
    if email.is_verified:
        return go_to("/setup")
    return step_page(request, services, person, "email.html", _STEP, typed=email.current or "", error=None)


@router.post("/setup/email")
def send_code(
    services: Use,
    visit: Visiting,
    person: SignedIn,
    email: Annotated[str, Form(max_length=320)] = "",
) -> Response:
    """Send a code and a link to the address."""
    try:
        email_verification.ask(services, visit, person, email_address(email))
    except BadContact:
        remark: dict[str, Any] = {"status": 400, "typed": email, "error": "contact"}
        return remarks.back_to(services, "/setup/email", session_id=person.session_id, **remark)
    except AlreadyVerified:
        return go_to("/setup")
    return go_to("/setup/email/code")


@router.get("/setup/email/code")
def ask_code(request: Request, services: Use, person: SignedIn) -> Response:
    """The field for the code; the page goes on by itself when the link was used elsewhere."""
    email = email_verification.standing(services, person)
    if email.is_verified or email.pending is None:
        return go_to("/setup")
    return step_page(
        request, services, person, "email_code.html", _STEP, email=email.pending, tries_left=None
    )


@router.post("/setup/email/code")
def take_code(
    services: Use,
    visit: Visiting,
    person: SignedIn,
    code: Annotated[str, Form(max_length=64)] = "",
) -> Response:
    """Verify by the code."""
    try:
        email_verification.answer(services, visit, person, code)
    except CodeRejected as rejected:
        remark: dict[str, Any] = {"status": 400, "tries_left": rejected.tries_left}
        return remarks.back_to(services, "/setup/email/code", session_id=person.session_id, **remark)
    return go_to("/setup")


@router.get("/verify-email")
def ask_to_confirm(request: Request, services: Use, visit: Visiting, token: str = "") -> Response:
    """A button: opening the link is not enough, because mail scanners open links too."""
    email = email_verification.look(services, visit, token)
    shown = page(request, "person/verify_email.html", email=email, token=token)
    return visitors.at_door(shown, services, visit)


@router.post("/verify-email")
def confirm(services: Use, visit: Visiting, token: Annotated[str, Form()] = "") -> Response:
    """Verify by the link."""
    email_verification.use(services, visit, token)
    return go_to("/verify-email/done")


@router.get("/verify-email/done")
def say_confirmed(request: Request, visit: Visiting) -> Response:
    """What to do after the link."""
    return page(request, "person/verified_email.html", is_signed_in=visit.person is not None)
