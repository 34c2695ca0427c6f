"""Passkeys over HTTP: the ceremonies as JSON for the pages' scripts, and renaming and removing as forms."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import JSONResponse, Response

from api.web import visitors
from api.web.admissions import page_of
from api.web.arguments import Use
from api.web.credentials import Credential, signalled
from api.web.pages import go_to, page
from api.web.visitors import Enrolling, SignedIn, Visiting
from domain.facts import Method
from domain.remaining import RemovesOnlyPasskey
from domain.words.remaining_words import FIRST, LEFT
from services.container import Services
from services.people import passkey_binding, passkey_sign_in, passkey_signals, this_device
from services.people.admission import Admission

router = APIRouter()

_AFTER_TRIAL = {
    Method.DEVICE_LINK: "/device/done",
    Method.RESCUE: "/rescue/done",
    Method.RECOVERY: "/recover/done",
}


@router.post("/sign-in/passkey/options")
def ask_at_the_door(services: Use, visit: Visiting) -> Response:
    """What to ask the browser for at sign-in."""
    token, options = passkey_sign_in.options(services, visit)
    response = _json(options.json)
    visitors.remember(response, services, token)
    return response


@router.post("/sign-in/passkey")
def sign_in(services: Use, visit: Visiting, credential: Credential, *, in_field: bool = False) -> Response:
    """Sign in by the browser's answer; `in_field`: the sign-in field itself offered the passkey."""
    admission = passkey_sign_in.sign_in(services, visit, credential.model_dump_json(), is_timed=not in_field)
    is_offered = credential.is_elsewhere and this_device.is_offered(services, visit, admission)
    return _entered(services, admission, page_of(admission), is_offered=is_offered)


@router.post("/passkeys/options")
def ask_for_new(services: Use, visit: Visiting, person: Enrolling) -> Response:
    """What to ask the browser for to make a passkey."""
    return _json(passkey_binding.options(services, visit, person))


@router.post("/passkeys")
def bind(services: Use, visit: Visiting, person: Enrolling, credential: Credential) -> Response:
    """Keep the passkey that the browser has made."""
    answer = credential.model_dump_json()
    passkey_binding.bind(services, visit, person, answer, is_elsewhere=credential.is_elsewhere)
    return JSONResponse({"next": "/device/prove" if person.method.only_enrols else "/setup/prove"})


@router.post("/passkeys/prove/options")
def ask_to_prove(services: Use, visit: Visiting, person: Enrolling) -> Response:
    """What to ask the browser for to try a passkey out."""
    return _json(passkey_sign_in.options_for(services, visit, person).json)


@router.post("/passkeys/prove")
def prove(services: Use, visit: Visiting, person: Enrolling, credential: Credential) -> Response:
    """Sign in by a passkey of this account. It counts like any sign-in, also on a device of a device link."""
    admission = passkey_sign_in.sign_in(services, visit, credential.model_dump_json(), only=person.account_id)
    return _entered(services, admission, _AFTER_TRIAL.get(person.method, "/setup"))


@router.get("/passkeys/signals")
def tell_device(services: Use, person: SignedIn) -> Response:
    """What the page's script may tell this device of the account's passkeys; nothing while one is being made."""
    return signalled(passkey_signals.signals(services, person))


@router.get("/account/this-device")
def offer_this_device(request: Request, services: Use, visit: Visiting, person: SignedIn) -> Response:
    """Offer a passkey on this device after a sign-in by the phone beside it."""
    is_set_up_next = this_device.is_set_up_next(services, visit, person) and not visit.way_back
    way_on = "/setup" if is_set_up_next else visitors.way_on(visit)
    return page(request, "person/this_device.html", way_on=way_on)


@router.post("/account/passkeys/{passkey_id}/name")
def rename(
    services: Use, person: SignedIn, passkey_id: UUID, name: Annotated[str, Form(max_length=200)] = ""
) -> Response:
    """Name a passkey."""
    passkey_binding.rename(services, person, str(passkey_id), name)
    return go_to("/account")


@router.get("/account/passkeys/{passkey_id}/remove")
def ask_if_sure(request: Request, services: Use, person: SignedIn, passkey_id: UUID) -> Response:
    """What is left of the account without its only passkey, and what to do first instead."""
    name, remaining = passkey_binding.would_remain(services, person, str(passkey_id))
    left = LEFT[remaining] if remaining else ""
    first = FIRST[remaining] if remaining else None
    return page(request, "person/remove.html", passkey_id=passkey_id, name=name, left=left, first=first)


@router.post("/account/passkeys/{passkey_id}/remove")
def remove(
    services: Use, person: SignedIn, passkey_id: UUID, *, is_sure: Annotated[bool, Form()] = False
) -> Response:
    """Remove a passkey, now or after a cooling-off, unless it is the last way in; the only passkey takes being sure."""
    try:
        waits_until = passkey_binding.remove(services, person, str(passkey_id), is_sure=is_sure)
    except RemovesOnlyPasskey:
        return go_to(f"/account/passkeys/{passkey_id}/remove")
    return go_to("/account?done=waits" if waits_until else "/account?done=removed")


def _json(text: str) -> Response:
    return Response(text, media_type="application/json")


def _entered(
    services: Services, admission: Admission, next_page: str, *, is_offered: bool = False
) -> Response:
    offer = {"this_device": "/account/this-device"} if is_offered else {}
    response = JSONResponse({"next": next_page} | offer)
    visitors.admit(response, services, admission)
    return response
