"""What people show: a code by e-mail, text or app, or a recovery code. Who has begun need not name themselves again."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from api.recovery import cookies
from api.recovery.cookies import Followed
from api.web import remarks, visitors
from api.web.arguments import Use
from api.web.pages import go_to
from api.web.regions import BrowserRegion
from api.web.visitors import Visiting
from domain.errors import BadContact, CodeRejected
from domain.facts import Channel
from services.container import Services
from services.people.contacts import Contact, read_contact
from services.recovery import proofs, requests
from services.recovery.requests import RequestView

router = APIRouter()

Typed = Annotated[str, Form(max_length=320)]
TypedCode = Annotated[str, Form(max_length=64)]


@router.get("/recover/code")
def ask_recovery_code(request: Request, services: Use, visit: Visiting, token: Followed) -> Response:
    """The field for a recovery code, and for the contact where nobody is known yet."""
    return _form(request, services, visit, "person/recovery/code.html", token)


@router.post("/recover/code")
def take_recovery_code(
    services: Use,
    visit: Visiting,
    token: Followed,
    region: BrowserRegion,
    identifier: Typed = "",
    code: TypedCode = "",
) -> Response:
    """Use a recovery code up as a proof; an unknown contact and a wrong code get the same answer."""
    return _take(services, visit, token, region, identifier, code, "/recover/code", proofs.give_recovery_code)


@router.get("/recover/app")
def ask_app_code(request: Request, services: Use, visit: Visiting, token: Followed) -> Response:
    """The field for the code that an authenticator app shows, and for the contact where nobody is known yet."""
    return _form(request, services, visit, "person/recovery/app.html", token)


@router.post("/recover/app")
def take_app_code(
    services: Use,
    visit: Visiting,
    token: Followed,
    region: BrowserRegion,
    identifier: Typed = "",
    code: TypedCode = "",
) -> Response:
    """Use the code of an app up as a proof; an unknown contact and a wrong code get the same answer."""
    return _take(services, visit, token, region, identifier, code, "/recover/app", proofs.give_app_code)


@router.get("/recover/{channel}")
def ask_contact(
    request: Request, services: Use, visit: Visiting, token: Followed, channel: Channel
) -> Response:
    """Where the code goes: the field for the contact, or the contact that is known already."""
    return _form(request, services, visit, "person/recovery/contact.html", token, channel=channel)


@router.post("/recover/{channel}")
def send_code(
    services: Use,
    visit: Visiting,
    token: Followed,
    region: BrowserRegion,
    channel: Channel,
    identifier: Typed = "",
) -> Response:
    """Send a code. For an unknown contact the answer is the same."""
    path = f"/recover/{channel}"
    try:
        contact = _contact(services, token, identifier, region, channel)
        session_token = proofs.ask_code(services, visit, channel, contact, request=token)
    except BadContact:
        return remarks.back_to(services, path, status=400, error="contact", typed=identifier)
    response = go_to(f"{path}/code")
    visitors.remember(response, services, session_token)
    return response


@router.get("/recover/{channel}/code")
def ask_code(request: Request, services: Use, visit: Visiting, token: Followed, channel: Channel) -> Response:
    """The field for the code."""
    if not proofs.is_expected(services, visit, channel):
        return go_to(f"/recover/{channel}")
    shown = remarks.page(
        request,
        "person/recovery/contact_code.html",
        tries_left=None,
        channel=channel,
        recovery=_current(services, token),
    )
    return visitors.at_door(shown, services, visit)


@router.post("/recover/{channel}/code")
def take_code(
    services: Use, visit: Visiting, token: Followed, channel: Channel, code: TypedCode = ""
) -> Response:
    """Prove the contact by the code."""
    try:
        token = proofs.answer_code(services, visit, channel, code, request=token)
    except CodeRejected as rejected:
        tries_left = rejected.tries_left
        return remarks.back_to(services, f"/recover/{channel}/code", status=400, tries_left=tries_left)
    return cookies.follow(go_to("/recover/request"), services, token)


def _take(
    services: Services,
    visit: Visiting,
    token: str | None,
    region: str | None,
    identifier: str,
    code: str,
    path: str,
    give: Callable[..., str],
) -> Response:
    try:
        contact = _contact(services, token, identifier, region)
        token = give(services, visit, contact, code, request=token)
    except (BadContact, CodeRejected) as error:
        kind = "contact" if isinstance(error, BadContact) else "code"
        return remarks.back_to(services, path, status=400, error=kind, typed=identifier)
    return cookies.follow(go_to("/recover/request"), services, token)


def _form(
    request: Request,
    services: Services,
    visit: Visiting,
    template: str,
    token: str | None,
    channel: Channel | None = None,
) -> Response:
    recovery = _current(services, token)
    shown = remarks.page(request, template, error=None, typed="", recovery=recovery, channel=channel)
    return visitors.at_door(shown, services, visit)


def _current(services: Services, token: str | None) -> RequestView | None:
    """The request that this browser gathers proofs for."""
    followed = requests.look(services, token)
    return None if followed is None or followed.stage.is_over else followed


def _contact(
    services: Services, token: str | None, typed: str, region: str | None, channel: Channel | None = None
) -> Contact | None:
    """What was typed, or nothing where the account is known. Raises BadContact."""
    if _current(services, token):
        return None
    contact = read_contact(typed.strip(), region)
    if channel and bool(contact.phones) is not (channel is Channel.SMS):
        raise BadContact("a contact of the other kind")
    return contact
