"""A member's own page: their passkeys, keys and sessions."""

from dataclasses import replace
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import JSONResponse, Response

from api.staff.kept_forms import KeptForm, SentForm
from api.staff.rights import AnyStaff, ASession, Staff, require_step_up
from api.staff.visits import AtConsole
from api.web.arguments import Use
from api.web.credentials import Credential, signalled
from api.web.pages import go_to, page
from domain.staff.staff import DEEDS, AuditKind, Right, clean_name
from providers.authenticators import provider_name
from services.container import Services
from services.staff import staff_ceremonies
from store.staff import audit, staff_keys, staff_passkeys, staff_sessions

_PAGE = "/console/me"

router = APIRouter(prefix=_PAGE)


@router.get("")
def show(request: Request, services: Use, staff: AnyStaff, signed: ASession) -> Response:
    """The passkeys and keys, and what the role allows."""
    with services.database.reading() as session:
        passkeys = staff_passkeys.active(session, signed.staff_id)
        keys = staff_keys.of_member(session, signed.staff_id, now=services.clock())
    return page(
        request,
        "staff/me.html",
        staff=staff,
        passkeys=passkeys,
        keys=keys,
        current=signed.passkey_id,
        providers={passkey.passkey_id: provider_name(passkey.aaguid) for passkey in passkeys},
        deeds=[DEEDS[right] for right in Right if right in staff.rights],
    )


@router.post("/passkeys/options")
def ask_for_another(
    services: Use, visit: AtConsole, staff: AnyStaff, signed: ASession, form: SentForm
) -> Response:
    """What to ask the browser for. A stranger at an open browser must not add a passkey, so it takes a step up."""
    _require_step_up(services, staff, form, "Add a passkey")
    options = staff_ceremonies.ask_for_another(services, visit, signed)
    return Response(options.json, media_type="application/json")


@router.post("/passkeys")
def bind(
    services: Use,
    visit: AtConsole,
    staff: AnyStaff,
    signed: ASession,
    form: SentForm,
    credential: Credential,
) -> Response:
    """Keep the passkey that the browser has made."""
    _require_step_up(services, staff, form, "Add a passkey")
    staff_ceremonies.bind_another(services, visit, signed, credential.model_dump_json())
    return JSONResponse({"next": _PAGE})


@router.get("/signals")
def tell_device(services: Use, signed: ASession) -> Response:
    """What the page's script may tell this device of the member's passkeys."""
    return signalled(staff_ceremonies.signals(services, signed))


@router.post("/passkeys/{passkey_id}/name")
def rename(
    services: Use,
    staff: AnyStaff,
    signed: ASession,
    passkey_id: UUID,
    name: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """Name a passkey; a blank name changes nothing."""
    with services.database.transaction() as session:
        passkey = staff_passkeys.get(session, signed.staff_id, str(passkey_id))
        if clean_name(name):
            staff_passkeys.rename(session, passkey, clean_name(name))
            kind, now = AuditKind.PASSKEY_RENAMED, services.clock()
            audit.append(session, staff.author, kind, at=now, passkey_id=str(passkey_id))
    return go_to(_PAGE)


@router.post("/passkeys/{passkey_id}/remove")
def remove(services: Use, staff: AnyStaff, signed: ASession, form: SentForm, passkey_id: UUID) -> Response:
    """Remove a passkey, unless it is the last, and end the other sessions that it signed in."""
    _require_step_up(services, staff, form, "Remove")
    now = services.clock()
    with services.database.transaction() as session:
        passkey = staff_passkeys.get(session, signed.staff_id, str(passkey_id))
        staff_passkeys.remove(session, passkey, at=now)
        staff_sessions.end_of_passkey(session, str(passkey_id), at=now, keep=signed.session_id)
        kind = AuditKind.PASSKEY_REMOVED
        audit.append(session, staff.author, kind, at=now, passkey_id=str(passkey_id))
    return go_to(_PAGE)


@router.post("/keys/{key_id}/end")
def end_key(services: Use, staff: AnyStaff, signed: ASession, key_id: UUID) -> Response:
    """End a key at once. This gives nobody more access, so it takes no ceremony."""
    now = services.clock()
    with services.database.transaction() as session:
        staff_keys.end(session, signed.staff_id, str(key_id), at=now)
        audit.append(session, staff.author, AuditKind.KEY_ENDED, at=now, key_id=str(key_id))
    return go_to(_PAGE)


@router.post("/sessions/end")
def end_other_sessions(services: Use, staff: AnyStaff, signed: ASession) -> Response:
    """End the member's sessions everywhere else."""
    now = services.clock()
    with services.database.transaction() as session:
        staff_sessions.end_all(session, signed.staff_id, at=now, keep=signed.session_id)
        audit.append(session, staff.author, AuditKind.SESSIONS_ENDED, at=now)
    return go_to(_PAGE)


def _require_step_up(services: Services, staff: Staff, form: KeptForm, button: str) -> None:
    require_step_up(services, staff, replace(form, button=button), page=_PAGE)
