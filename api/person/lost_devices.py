"""A lost device over HTTP: put on hold by a code to the owner's address, and taken off hold again when it is found."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import JSONResponse, Response

from api.web import remarks
from api.web.arguments import Use
from api.web.credentials import Credential
from api.web.pages import go_to, page
from api.web.visitors import SignedIn, Visiting
from domain.errors import CodeRejected
from services.people import found_devices, lost_devices
from store.people import held_passkeys, passkeys

router = APIRouter()


@router.get("/account/passkeys/{passkey_id}/lost")
def ask(request: Request, services: Use, person: SignedIn, passkey_id: UUID) -> Response:
    """What a hold does, and a button that sends a code."""
    with services.database.reading() as session:
        name = passkeys.get(session, person.account_id, str(passkey_id)).name
    return page(request, "person/lost.html", passkey_id=passkey_id, name=name)


@router.post("/account/passkeys/{passkey_id}/lost")
def send_code(services: Use, visit: Visiting, person: SignedIn, passkey_id: UUID) -> Response:
    """Send a code to the account's address."""
    lost_devices.ask(services, visit, person, str(passkey_id))
    return go_to("/account/lost/code")


@router.get("/account/lost/code")
def ask_code(request: Request, services: Use, person: SignedIn) -> Response:
    """The field for the code."""
    if not lost_devices.is_expected(services, person):
        return go_to("/account")
    return remarks.page(request, "person/lost_code.html", session_id=person.session_id, tries_left=None)


@router.post("/account/lost/code")
def take_code(
    services: Use,
    visit: Visiting,
    person: SignedIn,
    code: Annotated[str, Form(max_length=64)] = "",
) -> Response:
    """Put the device on hold."""
    try:
        lost_devices.answer(services, visit, person, code)
    except CodeRejected as rejected:
        remark: dict[str, Any] = {"status": 400, "tries_left": rejected.tries_left}
        return remarks.back_to(services, "/account/lost/code", session_id=person.session_id, **remark)
    return go_to("/account?done=held")


@router.post("/account/passkeys/{passkey_id}/found")
def release(services: Use, person: SignedIn, passkey_id: UUID) -> Response:
    """Let the device work again at once."""
    found_devices.release(services, person, str(passkey_id))
    return go_to("/account?done=found")


@router.get("/account/passkeys/{passkey_id}/found")
def show_way_back(request: Request, services: Use, person: SignedIn, passkey_id: UUID) -> Response:
    """What it takes to use a device again that was lost, and a button for its ceremony."""
    with services.database.reading() as session:
        name = held_passkeys.get_lost(session, person.account_id, str(passkey_id)).name
    return page(request, "person/found.html", passkey_id=passkey_id, name=name)


@router.post("/account/passkeys/{passkey_id}/found/options")
def ask_device(services: Use, visit: Visiting, person: SignedIn, passkey_id: UUID) -> Response:
    """What to ask the browser for, to show that the device is here."""
    options = found_devices.options(services, visit, person, str(passkey_id))
    return Response(options, media_type="application/json")


@router.post("/account/passkeys/{passkey_id}/found/device")
def ask_to_release(
    services: Use, visit: Visiting, person: SignedIn, passkey_id: UUID, credential: Credential
) -> Response:
    """Let the device work again after a cooling-off, by its own answer."""
    found_devices.ask(services, visit, person, str(passkey_id), credential.model_dump_json())
    return JSONResponse({"next": "/account?done=waits"})
