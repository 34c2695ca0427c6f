"""Recovery codes over HTTP: shown once, one typed back, and a way in by them."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from api.person.steps import step_page
from api.web.admissions import enter
from api.web.arguments import Use
from api.web.pages import go_to, page
from api.web.regions import BrowserRegion
from api.web.visitors import SignedIn, Visiting
from domain.errors import BadContact, CodeRejected
from domain.facts import Milestone
from services.container import Services
from services.people import recovery_code_sets
from services.people.contacts import read_contact
from services.people.visits import Person
from store.people import recovery_codes

router = APIRouter()


@router.get("/sign-in/recovery")
def ask_code(request: Request) -> Response:
    """The fields for a recovery code."""
    return page(request, "sign_in_recovery.html", error=None, typed="")


@router.post("/sign-in/recovery")
def sign_in(
    request: Request,
    services: Use,
    visit: Visiting,
    region: BrowserRegion,
    identifier: Annotated[str, Form(max_length=320)] = "",
    code: Annotated[str, Form(max_length=64)] = "",
) -> Response:
    """Sign in by a recovery code; whatever is wrong, the answer is the same."""
    try:
        contact = read_contact(identifier.strip(), region)
        return enter(services, recovery_code_sets.sign_in(services, visit, contact, code))
    except (BadContact, CodeRejected) as error:
        kind = "contact" if isinstance(error, BadContact) else "code"
        return page(request, "sign_in_recovery.html", status=400, error=kind, typed=identifier)


@router.post("/setup/recovery-codes")
def make(request: Request, services: Use, person: SignedIn) -> Response:
    """Make codes and show them, this once."""
    codes = recovery_code_sets.make(services, person)
    return _page(request, services, person, codes=codes, error=None)


@router.get("/setup/recovery-codes")
def ask_back(request: Request, services: Use, person: SignedIn) -> Response:
    """The field to type one back, for codes that were shown before."""
    with services.database.reading() as session:
        left, _ = recovery_codes.left(session, person.account_id)
    if not left:
        return go_to("/setup/second")
    return _page(request, services, person, codes=[], error=None)


@router.post("/setup/recovery-codes/check")
def prove(
    request: Request,
    services: Use,
    visit: Visiting,
    person: SignedIn,
    code: Annotated[str, Form(max_length=64)] = "",
) -> Response:
    """Take one code back."""
    try:
        recovery_code_sets.prove(services, visit, person, code)
    except CodeRejected:
        return _page(request, services, person, status=400, codes=[], error="code")
    return go_to("/setup")


def _page(
    request: Request,
    services: Services,
    person: Person,
    *,
    codes: list[str],
    error: str | None,
    status: int = 200,
) -> Response:
    return step_page(
        request,
        services,
        person,
        "recovery_codes.html",
        Milestone.SECOND_ROUTE_READY,
        status=status,
        codes=codes,
        error=error,
    )
