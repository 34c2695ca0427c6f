"""Another e-mail address in the place of a verified one, from the account page."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from api.person.permissions import permission
from api.web import remarks
from api.web.arguments import Use
from api.web.pages import go_to
from api.web.visitors import SignedIn, Visiting
from domain.errors import BadContact, CodeRejected
from domain.trust import Change
from providers.contacts import email_address
from services.container import Services
from services.people import bearers, email_verification
from services.people.email_verification import AlreadyVerified
from services.people.visits import Person

router = APIRouter()


@router.get("/account/email")
def ask_address(request: Request, services: Use, person: SignedIn) -> Response:
    """The field for the new address, or why it is not changed from here."""
    return _page(request, services, person)


@router.post("/account/email")
def send_code(
    services: Use,
    visit: Visiting,
    person: SignedIn,
    email: Annotated[str, Form(max_length=320)] = "",
) -> Response:
    """Send a code and a link to the new address."""
    try:
        email_verification.ask(services, visit, person, email_address(email), replaces=True)
    except BadContact:
        remark: dict[str, Any] = {"status": 400, "typed": email, "error": "contact"}
        return remarks.back_to(services, "/account/email", session_id=person.session_id, **remark)
    except AlreadyVerified:
        return go_to("/account")
    return go_to("/account/email/code")


@router.get("/account/email/code")
def ask_code(request: Request, services: Use, person: SignedIn) -> Response:
    """The field for the code."""
    pending = email_verification.standing(services, person).pending
    if pending is None:
        return go_to("/account/email")
    return remarks.page(
        request, "person/email_code.html", session_id=person.session_id, email=pending, tries_left=None
    )


@router.post("/account/email/code")
def take_code(
    services: Use,
    visit: Visiting,
    person: SignedIn,
    code: Annotated[str, Form(max_length=64)] = "",
) -> Response:
    """Verify by the code; the address takes its place now, or after a cooling-off."""
    try:
        email_verification.answer(services, visit, person, code)
    except CodeRejected as rejected:
        remark: dict[str, Any] = {"status": 400, "tries_left": rejected.tries_left}
        return remarks.back_to(services, "/account/email/code", session_id=person.session_id, **remark)
    return go_to("/account?done=email")


def _page(request: Request, services: Services, person: Person) -> Response:
    with services.database.reading() as session:
        door = bearers.look(session, person, now=services.clock())
        former = bearers.email_of(session, door.account)
        answer = door.answer(Change.CHANGE_EMAIL, former.trust if former else None)
    return remarks.page(
        request,
        "person/email.html",
        session_id=person.session_id,
        typed="",
        error=None,
        may=permission(answer),
        zone=door.account.time_zone,
    )
