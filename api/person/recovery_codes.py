"""Recovery codes over HTTP: they are shown once, the end of one is typed back, and they are a way in."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from api.person.code_forms import TypedCode, code_form, enter_by_form
from api.person.steps import step_page
from api.web import remarks
from api.web.arguments import Use
from api.web.pages import go_to
from api.web.visitors import SignedIn, Visiting
from domain.codes import is_ending
from domain.errors import CodeRejected, Throttled
from domain.facts import Milestone
from services.people import recovery_code_sets
from store.people import recovery_codes

router = APIRouter()

_PAGE = "/setup/recovery-codes"


@router.get("/sign-in/recovery")
def ask_code(request: Request, services: Use, visit: Visiting) -> Response:
    """The fields for a recovery code."""
    return code_form(request, services, visit, "person/sign_in_recovery.html")


@router.post("/sign-in/recovery")
def sign_in(request: Request, services: Use, visit: Visiting, form: TypedCode) -> Response:
    """Sign in by a recovery code; an unknown contact and a wrong code get the same answer."""
    enter_by = partial(recovery_code_sets.sign_in, services, visit)
    return enter_by_form(request, services, form, enter_by)


@router.post("/setup/recovery-codes")
def make(services: Use, person: SignedIn) -> Response:
    """Make codes; the next page shows them, once."""
    codes = recovery_code_sets.make(services, person)
    return remarks.back_to(services, _PAGE, session_id=person.session_id, codes=codes)


@router.get("/setup/recovery-codes")
def ask_back(request: Request, services: Use, person: SignedIn) -> Response:
    """The codes that were just made, and the field for the end of one of them."""
    with services.database.reading() as session:
        codes_left, _ = recovery_codes.left(session, person.account_id)
        asked_code = recovery_codes.find_asked(session, person.account_id)
    if not codes_left:
        return go_to("/setup/second")
    step, number = Milestone.SECOND_ROUTE_READY, asked_code.number_in_set if asked_code else None
    return step_page(
        request, services, person, "recovery_codes.html", step, codes=[], asked_number=number, error=None
    )


@router.post("/setup/recovery-codes/check")
def prove(services: Use, person: SignedIn, code: Annotated[str, Form(max_length=64)] = "") -> Response:
    """Check what was typed back: the end of the code that is asked for, or a whole code."""
    try:
        recovery_code_sets.prove(services, person, code)
    except CodeRejected:
        return remarks.back_to(services, _PAGE, session_id=person.session_id, status=400, error="code")
    except Throttled as refusal:
        if not is_ending(code):
            raise
        # A whole code can be typed all the same.
        wait = {"Retry-After": str(refusal.retry_after)}
        return remarks.back_to(
            services,
            _PAGE,
            session_id=person.session_id,
            status=429,
            headers=wait,
            asked_number=None,
            error="endings",
        )
    return go_to("/setup")
