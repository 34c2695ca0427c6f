"""Another device over HTTP: the QR code on this device, and the few pages of its link on the other device."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from api.person.steps import step_page
from api.web import remarks, visitors
from api.web.admissions import enter
from api.web.arguments import Use
from api.web.pages import go_to, page
from api.web.visitors import Enrolling, SignedIn, Visiting
from domain.facts import Milestone
from services.people import device_links
from services.people.device_links import DeviceLink

router = APIRouter()


@router.post("/setup/device")
def make_link(services: Use, visit: Visiting, person: SignedIn) -> Response:
    """A new link; the next page shows it, and may be reloaded while the link works."""
    link = device_links.make(services, visit, person)
    return remarks.back_to(
        services, "/setup/device", session_id=person.session_id, stays=True, **asdict(link)
    )


@router.get("/setup/device")
def show_link(request: Request, services: Use, person: SignedIn) -> Response:
    """The link as a QR code. Without one back to the choice: only a button makes a link, so that going back voids none.

    The page goes on by itself when the other device has made its passkey.
    """
    remark = remarks.read(request, session_id=person.session_id)
    if remark is None:
        return go_to("/setup/second")
    link = DeviceLink(**remark.values)
    return step_page(request, services, person, "device.html", Milestone.SECOND_ROUTE_READY, link=link)


@router.get("/device")
def ask_to_add(request: Request, services: Use, visit: Visiting, token: str = "") -> Response:
    """A button on the other device, because link previews open links but press no button."""
    account = device_links.whose(services, visit, token)
    shown = page(request, "person/device/open.html", account=account, token=token)
    return visitors.at_door(shown, services, visit)


@router.post("/device")
def add(services: Use, visit: Visiting, token: Annotated[str, Form()] = "") -> Response:
    """Let the device in."""
    return enter(services, device_links.use(services, visit, token))


@router.get("/device/passkey")
def make_passkey(request: Request, person: Enrolling) -> Response:
    """Make a passkey on this device, unless this session has made one."""
    if person.method.only_enrols and person.passkey_id:
        return go_to("/device/prove")
    return page(request, "person/device/passkey.html", came_by=person.method.value)


@router.get("/device/prove")
def try_passkey(request: Request, person: Enrolling) -> Response:
    """Sign in with the new passkey once."""
    return page(request, "person/device/prove.html", came_by=person.method.value)


@router.get("/device/done")
def be_done(request: Request, person: SignedIn) -> Response:
    """The last page: this device is a way in now."""
    return page(request, "person/device/done.html")
