"""The pages of an invitation's link. Looking changes nothing; a passkey uses the invitation up and signs in."""

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from api.staff.visits import HOME, AtConsole, remember
from api.web.arguments import Use
from api.web.credentials import Credential
from api.web.pages import page
from domain.staff.staff import DEEDS, Right, Role, rights_of
from services.staff import staff_ceremonies
from services.throttling import require_attempts
from store.staff import staff

router = APIRouter(prefix="/console/join")


@router.get("/{token}")
def look(request: Request, services: Use, visit: AtConsole, token: str) -> Response:
    """Say who is invited, and to which role."""
    require_attempts(services, staff_per_address=visit.address)
    with services.database.transaction() as session:
        member = staff.look(session, token, now=services.clock())
        role, address = Role(member.role), member.address
    deeds = [DEEDS[right] for right in Right if right in rights_of(role)]
    return page(request, "staff/join.html", token=token, role=role, address=address, deeds=deeds)


@router.post("/{token}/options")
def ask_for_passkey(services: Use, visit: AtConsole, token: str) -> Response:
    """What to ask the browser for."""
    session_token, options = staff_ceremonies.ask_for_first(services, visit, token)
    response = Response(options.json, media_type="application/json")
    remember(response, services, session_token)
    return response


@router.post("/{token}")
def join(services: Use, visit: AtConsole, token: str, credential: Credential) -> Response:
    """Bind the first passkey."""
    session_token = staff_ceremonies.bind_first(services, visit, token, credential.model_dump_json())
    response = JSONResponse({"next": HOME})
    remember(response, services, session_token)
    return response
