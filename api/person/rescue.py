"""The way in for people who have no other: support reads out a code, and the code lets them make one passkey."""

from functools import partial

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.person.account_view import view
from api.person.code_forms import TypedCode, code_form, enter_by_form
from api.web.arguments import Use
from api.web.pages import page
from api.web.visitors import SignedIn, Visiting
from services.safety import rescue_passes

router = APIRouter()


@router.get("/rescue")
def ask_code(request: Request, services: Use, visit: Visiting) -> Response:
    """The fields for the code from support."""
    return code_form(request, services, visit, "person/rescue.html")


@router.post("/rescue")
def enter_by_code(request: Request, services: Use, visit: Visiting, form: TypedCode) -> Response:
    """Let the bearer make a passkey; an unknown contact and a wrong code get the same answer."""
    enter_by = partial(rescue_passes.enter_by, services, visit)
    return enter_by_form(request, services, form, enter_by)


@router.get("/rescue/done")
def be_done(request: Request, services: Use, person: SignedIn) -> Response:
    """The last page: this device is a way in again, and what to do about the ones that are lost."""
    account = view(services, person)
    made = next((new for new in account.news if new.subject_id == person.passkey_id), None)
    return page(request, "person/rescue_done.html", account=account, made=made)
