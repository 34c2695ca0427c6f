"""The second proof by which text-message codes come back under guard, over HTTP: a code to the owner's address."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from api.web import remarks
from api.web.arguments import Use
from api.web.pages import go_to
from api.web.visitors import SignedIn, Visiting
from domain.errors import CodeRejected
from services.people import account_switches, sms_restores

router = APIRouter()


@router.post("/account/sms/proof")
def send_code(services: Use, visit: Visiting, person: SignedIn) -> Response:
    """Send a code to the account's address; if the guard is down by now, codes come back at once."""
    if sms_restores.ask(services, visit, person):
        return go_to("/account/sms/proof")
    account_switches.restore_sms(services, person)
    return go_to("/account?done=restored")


@router.get("/account/sms/proof")
def ask_code(request: Request, services: Use, person: SignedIn) -> Response:
    """The field for the code."""
    if not sms_restores.is_expected(services, person):
        return go_to("/account")
    return remarks.page(request, "person/sms_proof.html", session_id=person.session_id, tries_left=None)


@router.post("/account/sms/proof/code")
def take_code(
    services: Use,
    visit: Visiting,
    person: SignedIn,
    code: Annotated[str, Form(max_length=64)] = "",
) -> Response:
    """Switch text-message codes on again."""
    try:
        sms_restores.answer(services, visit, person, code)
    except CodeRejected as rejected:
        remark: dict[str, Any] = {"status": 400, "tries_left": rejected.tries_left}
        return remarks.back_to(services, "/account/sms/proof", session_id=person.session_id, **remark)
    return go_to("/account?done=restored")
