"""The way in: by a code in a text message, with the passkey offered in the same field."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from api.web import remarks, visitors
from api.web.admissions import enter
from api.web.arguments import Use
from api.web.pages import go_to, page
from api.web.regions import BrowserRegion
from api.web.visitors import Visiting
from domain.errors import BadContact, CodeRejected, NotTexted
from domain.host.sign_on import Turn
from domain.journal import Actor, EventKind
from services.openid import sign_ons
from services.people import sign_in_codes
from services.people.contacts import read_contact
from store.people import journal, sessions

router = APIRouter()


@router.get("/sign-in")
def ask_who(request: Request, services: Use, visit: Visiting) -> Response:
    """The page: one field for the contact, and the passkey. A host may ask for a sign-in of whoever is signed in."""
    is_in = visit.person is not None and not visit.person.method.only_enrols
    if is_in and sign_ons.go_on(services, visit) is not Turn.SIGN_IN:
        return go_to(visitors.way_on(visit))
    typed = sign_ons.login_hint(services, visit)
    return remarks.page(request, "person/sign_in.html", error=None, typed=typed)


@router.get("/sign-in/more")
def show_more(request: Request) -> Response:
    """The other ways in, each by its name."""
    return page(request, "person/more_ways.html")


@router.post("/sign-in")
def send_code(
    services: Use,
    visit: Visiting,
    region: BrowserRegion,
    identifier: Annotated[str, Form(max_length=320)] = "",
) -> Response:
    """Send a code. For an unknown contact the answer is the same."""
    try:
        token = sign_in_codes.ask(services, visit, read_contact(identifier.strip(), region))
    except BadContact as bad:
        error = "not_texted" if isinstance(bad, NotTexted) else "contact"
        return remarks.back_to(services, "/sign-in", status=400, error=error, typed=identifier)
    response = go_to("/sign-in/code")
    visitors.remember(response, services, token)
    return response


@router.get("/sign-in/code")
def ask_code(request: Request, services: Use, visit: Visiting, sent: str = "") -> Response:
    """The field for the code."""
    if not sign_in_codes.is_expected(services, visit):
        return go_to("/sign-in")
    shown = remarks.page(request, "person/sign_in_code.html", tries_left=None, sent_again=sent == "again")
    return visitors.at_door(shown, services, visit)


@router.post("/sign-in/code")
def take_code(services: Use, visit: Visiting, code: Annotated[str, Form(max_length=64)] = "") -> Response:
    """Sign in by the code."""
    try:
        return enter(services, sign_in_codes.answer(services, visit, code))
    except CodeRejected as rejected:
        if not sign_in_codes.is_expected(services, visit):
            return remarks.back_to(services, "/sign-in", status=400, error="code")
        tries_left = rejected.tries_left
        return remarks.back_to(services, "/sign-in/code", status=400, tries_left=tries_left, sent_again=False)


@router.post("/sign-in/code/again")
def send_another_code(services: Use, visit: Visiting) -> Response:
    """Send a new code; the last code is void."""
    sign_in_codes.ask_again(services, visit)
    return go_to("/sign-in/code?sent=again")


@router.post("/sign-out")
def sign_out(services: Use, visit: Visiting) -> Response:
    """End this browser's session."""
    now = services.clock()
    with services.database.transaction() as session:
        if visit.session_id:
            sessions.end(session, visit.session_id, at=now)
        if visit.person:
            journal.append(session, visit.person.account_id, EventKind.SIGNED_OUT, at=now, actor=Actor.PERSON)
    response = go_to("/sign-in")
    visitors.forget(response, services)
    return response
