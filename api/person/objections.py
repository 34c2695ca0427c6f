""" "This wasn't me", over HTTP: the owner stops a change by the link of its notice, signed in or not."""

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.person import objection_view
from api.web.arguments import Use
from api.web.pages import go_to, page
from api.web.visitors import Visiting
from domain.messages.links import read_objection_token
from services.safety import objections
from services.throttling import require_attempts

router = APIRouter()
log = structlog.get_logger()


@router.get("/not-me/{token}")
def ask(request: Request, services: Use, visit: Visiting, token: str) -> Response:
    """The change, and a button: opening the link stops nothing, because mail scanners open links too."""
    require_attempts(services, ceremonies_per_address=visit.place)
    return page(request, "person/not_me.html", objection=objection_view.view(services, token), token=token)


@router.post("/not-me/{token}")
def object_to(services: Use, visit: Visiting, token: str) -> Response:
    """Object to the change. A second objection changes nothing."""
    require_attempts(services, ceremonies_per_address=visit.place)
    key = read_objection_token(services.seal, token)
    with services.database.transaction() as session:
        objection = objections.make(session, key, at=services.clock())
        log.info("objected", account_id=objection.account_id, objection_id=objection.objection_id)
    return go_to(f"/not-me/{token}")
