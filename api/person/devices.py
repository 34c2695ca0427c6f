"""Another device over HTTP: the QR code on this device, and the few pages of its link on the other device."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from api.person.steps import step_page
from api.web.admissions import enter
from api.web.arguments import Use
from api.web.pages import go_to, page
from api.web.visitors import Enrolling, SignedIn, Visiting
from domain.facts import Milestone
from services.people import device_links

router = APIRouter()


@router.get("/setup/device")
def choose_again() -> Response:
    """Back to the choice: only a button makes a link, so that going back in the browser does not void one."""
    return go_to("/setup/second")


@router.post("/setup/device")
def show_link(request: Request, services: Use, visit: Visiting, person: SignedIn) -> Response:
    """A new link, as a QR code; the page goes on by itself when the other device has made its passkey."""
    link = device_links.make(services, visit, person)
    return step_page(request, services, person, "device.html", Milestone.SECOND_ROUTE_READY, link=link)


@router.get("/device")
def ask_to_add(request: Request, services: Use, token: str = "") -> Response:
    """A button on the other device, because link previews open links but press no button."""
    return page(request, "device/open.html", account=device_links.whose(services, token), token=token)


@router.post("/device")
def add(services: Use, visit: Visiting, token: Annotated[str, Form()] = "") -> Response:
    """Let the device in."""
    return enter(services, device_links.use(services, visit, token))


@router.get("/device/passkey")
def make_passkey(request: Request, person: Enrolling) -> Response:
    """Make a passkey on this device, unless this session has made one."""
    if person.method.only_enrols and person.passkey_id:
        return go_to("/device/prove")
    return page(request, "device/passkey.html")


@router.get("/device/prove")
def try_passkey(request: Request, person: Enrolling) -> Response:
    """Sign in with the new passkey once."""
    return page(request, "device/prove.html")


@router.get("/device/done")
def be_done(request: Request, person: SignedIn) -> Response:
    """The last page: this device is a way in now."""
    return page(request, "device/done.html")
