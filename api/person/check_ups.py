"""The check-up over HTTP: one question at a time, then everything at a glance, then when the next one comes."""

from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response

from api.person import account_view
from api.web import visitors
from api.web.arguments import Use
from api.web.credentials import Credential
from api.web.pages import go_to, page
from api.web.visitors import SignedIn, Visiting
from domain.passkeys import MOST_PASSKEYS
from services.people import passkey_sign_in
from services.upkeep import check_ups

router = APIRouter(prefix="/account/check-up")

_PAGE = "/account/check-up"

Passed = Annotated[
    list[Annotated[str, Query(max_length=40)]], Query(alias="passed", max_length=2 * MOST_PASSKEYS)
]
"""The questions that the person has left open for this time, by their names."""


@router.get("")
def ask(request: Request, services: Use, person: SignedIn, passed: Passed = []) -> Response:  # noqa: B006 - read only
    """The first question that is open, or all ways in at a glance."""
    check_up = check_ups.read(services, person)
    if not check_up.is_due_ever:
        return go_to("/account")
    waiting = [question for question in check_up.questions if question.name not in passed]
    account = account_view.view(services, person)
    question = waiting[0] if waiting else None
    device_id = question.passkey.passkey_id if question and question.passkey else None
    return page(
        request,
        "person/check_up.html",
        account=account,
        check_up=check_up,
        question=question,
        device=next((each for each in account.passkeys if each.passkey_id == device_id), None),
        left=len(waiting),
        here=_path(passed),
        further=_path([*passed, question.name] if question else passed),
    )


@router.post("/devices/{passkey_id}/options")
def ask_device(services: Use, visit: Visiting, person: SignedIn, passkey_id: UUID) -> Response:
    """What to ask the browser for, to try one device."""
    options = passkey_sign_in.options_for(services, visit, person, only=str(passkey_id))
    return Response(options.json, media_type="application/json")


@router.post("/devices/try")
def try_device(
    services: Use,
    visit: Visiting,
    person: SignedIn,
    credential: Credential,
    passed: Passed = [],  # noqa: B006 - read only
) -> Response:
    """Sign in by the device, which shows that it works, and go on."""
    admission = passkey_sign_in.sign_in(services, visit, credential.model_dump_json(), only=person.account_id)
    response = JSONResponse({"next": _path(passed)})
    visitors.admit(response, services, admission)
    return response


@router.post("/done")
def finish(services: Use, person: SignedIn) -> Response:
    """Note that the person has come to the end."""
    check_ups.finish(services, person)
    return go_to(f"{_PAGE}/done")


@router.get("/done")
def show_next(request: Request, services: Use, person: SignedIn) -> Response:
    """When the next check-up comes."""
    account = account_view.view(services, person)
    check_up = check_ups.read(services, person)
    return page(request, "person/check_up_done.html", account=account, next_at=check_up.next_at)


def _path(passed: list[str]) -> str:
    return _PAGE + (f"?{urlencode({'passed': passed}, doseq=True)}" if passed else "")
