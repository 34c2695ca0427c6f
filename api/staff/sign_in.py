"""Sign-in to the console by a passkey, sign-out, and the step up before an act that cannot be undone."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from api.staff.rights import ASession
from api.staff.visits import AtConsole, forget, own_path, remember
from api.web.arguments import Use
from api.web.credentials import Credential
from api.web.pages import go_to, page
from domain.staff.staff import AuditKind, Author
from services.staff import staff_ceremonies
from store.staff import audit, staff_passkeys, staff_sessions

router = APIRouter(prefix="/console")


@router.get("/sign-in")
def ask_who(request: Request, services: Use, visit: AtConsole, next: str = "") -> Response:  # noqa: A002
    """The page: one button for a passkey, and a second for the identity provider if there is one."""
    if visit.signed:
        return go_to(own_path(next))
    return page(request, "console/sign_in.html", next=own_path(next), identity=services.identity)


@router.post("/sign-in/options")
def ask_at_the_door(services: Use, visit: AtConsole) -> Response:
    """What to ask the browser for."""
    token, options = staff_ceremonies.ask_to_sign_in(services, visit)
    response = Response(options.json, media_type="application/json")
    remember(response, services, token)
    return response


@router.post("/sign-in")
def sign_in(services: Use, visit: AtConsole, credential: Credential, next: str = "") -> Response:  # noqa: A002
    """Sign in by the browser's answer."""
    token = staff_ceremonies.sign_in(services, visit, credential.model_dump_json())
    response = JSONResponse({"next": own_path(next)})
    remember(response, services, token)
    return response


@router.post("/sign-out")
def sign_out(services: Use, visit: AtConsole) -> Response:
    """End this browser's session at the console."""
    now = services.clock()
    with services.database.transaction() as session:
        if visit.session_id:
            staff_sessions.end(session, visit.session_id, at=now)
        if signed := visit.signed:
            author = Author(
                by=signed.address, staff_id=signed.staff_id, role=signed.role, came_from=visit.address
            )
            audit.append(session, author, AuditKind.SIGNED_OUT, at=now)
    response = go_to("/console/sign-in")
    forget(response, services)
    return response


@router.get("/step-up")
def ask_again(request: Request, services: Use, signed: ASession, next: str = "") -> Response:  # noqa: A002
    """Say why the member has to show again who they are."""
    with services.database.reading() as session:
        has_passkey = bool(staff_passkeys.active(session, signed.staff_id))
    ways: dict[str, Any] = {"has_passkey": has_passkey, "identity": services.identity}
    return page(request, "console/step_up.html", next=own_path(next), signed=signed, **ways)


@router.post("/step-up/options")
def ask_to_step_up(services: Use, visit: AtConsole, signed: ASession) -> Response:
    """What to ask the browser for."""
    options = staff_ceremonies.ask_to_step_up(services, visit, signed)
    return Response(options.json, media_type="application/json")


@router.post("/step-up")
def step_up(
    services: Use,
    visit: AtConsole,
    signed: ASession,
    credential: Credential,
    next: str = "",  # noqa: A002
) -> Response:
    """Note the fresh ceremony, and go back."""
    staff_ceremonies.step_up(services, visit, signed, credential.model_dump_json())
    return JSONResponse({"next": own_path(next)})
