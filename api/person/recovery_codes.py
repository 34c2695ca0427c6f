"""Recovery codes over HTTP: they are shown once, one is typed back, and they are a way in."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from api.person.code_forms import TypedCode, empty_form, enter_by_form
from api.person.steps import step_page
from api.web.arguments import Use
from api.web.pages import go_to
from api.web.visitors import SignedIn, Visiting
from domain.errors import CodeRejected
from domain.facts import Milestone
from services.container import Services
from services.people import recovery_code_sets
from services.people.visits import Person
from store.people import recovery_codes

router = APIRouter()


@router.get("/sign-in/recovery")
def ask_code(request: Request) -> Response:
    """The fields for a recovery code."""
    return empty_form(request, "person/sign_in_recovery.html")


@router.post("/sign-in/recovery")
def sign_in(request: Request, services: Use, visit: Visiting, form: TypedCode) -> Response:
    """Sign in by a recovery code; an unknown contact and a wrong code get the same answer."""
    enter_by = partial(recovery_code_sets.sign_in, services, visit)
    return enter_by_form(request, services, "person/sign_in_recovery.html", form, enter_by)


@router.post("/setup/recovery-codes")
def make(request: Request, services: Use, person: SignedIn) -> Response:
    """Make codes and show them, once."""
    codes = recovery_code_sets.make(services, person)
    return _page(request, services, person, codes=codes, error=None)


@router.get("/setup/recovery-codes")
def ask_back(request: Request, services: Use, person: SignedIn) -> Response:
    """The field to type back one of the codes that were shown before."""
    with services.database.reading() as session:
        codes_left, _ = recovery_codes.left(session, person.account_id)
    if not codes_left:
        return go_to("/setup/second")
    return _page(request, services, person, codes=[], error=None)


@router.post("/setup/recovery-codes/check")
def prove(
    request: Request,
    services: Use,
    person: SignedIn,
    code: Annotated[str, Form(max_length=64)] = "",
) -> Response:
    """Check the code that was typed back."""
    try:
        recovery_code_sets.prove(services, person, code)
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
