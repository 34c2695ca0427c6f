""" "This wasn't me", over HTTP: by the link or code of a notice, signed in or not, or from the account page."""

from typing import Annotated

import structlog
from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from api.person import objection_view
from api.web import remarks
from api.web.arguments import Use
from api.web.pages import go_to, page
from api.web.visitors import SignedIn, Visiting
from domain.codes import plain_recovery_code
from domain.errors import LinkRejected
from domain.messages.links import (
    inside_objection_token,
    objection_token,
    read_inside_objection_token,
    read_objection_token,
)
from domain.trust import Bearer
from services.container import Services
from services.people import bearers
from services.people.visits import Person
from services.safety import objections
from services.throttling import require_attempts
from store.messages import messages

router = APIRouter()
within = APIRouter()
"""The pages for somebody who is signed in here."""

log = structlog.get_logger()


@router.get("/not-me")
def ask_code(request: Request) -> Response:
    """The field for the short code of a text message."""
    return remarks.page(request, "person/not_me_code.html", error=None)


@router.post("/not-me")
def take_code(services: Use, visit: Visiting, code: Annotated[str, Form(max_length=64)] = "") -> Response:
    """From the code to the page of its change."""
    require_attempts(services, tries_per_address=visit.address)
    with services.database.reading() as session:
        notice = messages.by_short_code(session, plain_recovery_code(code))
    if notice is None:
        return remarks.back_to(services, "/not-me", status=400, error="code")
    return go_to(f"/not-me/{objection_token(services.seal, notice.key)}")


@router.get("/not-me/{token}")
def ask(request: Request, services: Use, visit: Visiting, token: str) -> Response:
    """The change, and a button: opening the link stops nothing, because mail scanners open links too."""
    require_attempts(services, ceremonies_per_address=visit.place)
    return _ask(request, services, read_objection_token(services.seal, token), token=token, bearer=None)


@router.post("/not-me/{token}")
def object_to(services: Use, visit: Visiting, token: str) -> Response:
    """Object to the change. A second objection changes nothing."""
    require_attempts(services, ceremonies_per_address=visit.place)
    _object(services, read_objection_token(services.seal, token), bearer=None)
    return go_to(f"/not-me/{token}")


@within.get("/account/not-me/{token}")
def ask_from_within(request: Request, services: Use, person: SignedIn, token: str) -> Response:
    """The same page for somebody who is signed in, and trusted as much as who made the change."""
    key = read_inside_objection_token(services.seal, token)
    bearer = _bearer(services, person, key)
    return _ask(request, services, key, token=inside_objection_token(services.seal, key), bearer=bearer)


@within.post("/account/not-me/{token}")
def object_from_within(services: Use, person: SignedIn, token: str) -> Response:
    """Object to a change from the account page; it signs everybody out."""
    key = read_inside_objection_token(services.seal, token)
    _object(services, key, bearer=_bearer(services, person, key))
    return go_to(f"/not-me/{objection_token(services.seal, key)}")


def _bearer(services: Services, person: Person, message_key: str) -> Bearer:
    """The session, for a notice of its own account. Raises LinkRejected."""
    with services.database.reading() as session:
        notice = messages.find(session, message_key)
        if notice is None or notice.account_id != person.account_id:
            raise LinkRejected("the change is another account's")
        return bearers.look(session, person, now=services.clock()).bearer


def _ask(
    request: Request, services: Services, message_key: str, *, token: str, bearer: Bearer | None
) -> Response:
    with services.database.reading() as session:
        if told_changes := objection_view.parts(session, services, message_key, now=services.clock()):
            return page(request, "person/not_me_several.html", changes=told_changes)
        view = objection_view.view(session, message_key, bearer=bearer, now=services.clock())
    action = f"/account/not-me/{token}" if bearer else f"/not-me/{token}"
    return page(request, "person/not_me.html", objection=view, action=action)


def _object(services: Services, message_key: str, *, bearer: Bearer | None) -> None:
    with services.database.transaction() as session:
        objection = objections.make(session, message_key, at=services.clock(), bearer=bearer)
        log.info("objected", account_id=objection.account_id, objection_id=objection.objection_id)
