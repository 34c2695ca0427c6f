"""The keys of the host's programs, for admins: list, make, rotate, end. Every change takes a fresh ceremony."""

from datetime import timedelta
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response

from api.staff.kept_forms import KeptForm, form_kept_for
from api.staff.rights import ManagesStaff, Staff, stepped_up
from api.web import remarks
from api.web.arguments import Use
from api.web.bounds import Count
from api.web.pages import go_to
from domain.host.keys import CALLS_PER_SECOND, KEY_LIFETIME, OVERLAP, SCOPE_DEEDS, KeyEnd, UnusableKey
from domain.staff.staff import Right
from services.container import Services
from services.host import keys
from services.host.keys import NewKey
from store.host import keys as kept_keys

_PAGE = "/console/host-keys"
_DAY = timedelta(days=1)

Days = Annotated[int, Form(ge=0, le=10_000)]

router = APIRouter(prefix=_PAGE)

_changes = partial(stepped_up, Right.MANAGE_STAFF, page=_PAGE)

MakesKeys = Annotated[Staff, Depends(_changes("Make the key"))]
RotatesKeys = Annotated[Staff, Depends(_changes("Rotate"))]
EndsKeys = Annotated[Staff, Depends(_changes("End"))]
"""Admins who have just stepped up, as arguments of the routes of these buttons."""


@router.get("")
def show(request: Request, services: Use, admin: ManagesStaff) -> Response:
    """Every key that there ever was, those that work first; once, the key that was just made."""
    now = services.clock()
    with services.database.reading() as session:
        kept = kept_keys.every(session)
    ends = {key.key_id: key.end_at(now) for key in kept}
    return remarks.page(
        request,
        "staff/host_keys.html",
        session_id=admin.session_id,
        staff=admin,
        keys=sorted(kept, key=lambda key: ends[key.key_id] is not KeyEnd.CURRENT),
        ends=ends,
        scopes=SCOPE_DEEDS,
        overlap_days=OVERLAP // _DAY,
        made=None,
        problem="",
        typed=_typed(form_kept_for(request)),
    )


@router.post("")
def make(
    services: Use,
    admin: MakesKeys,
    name: Annotated[str, Form(max_length=200)] = "",
    scope: Annotated[tuple[str, ...], Form(max_length=20)] = (),
    days: Days = KEY_LIFETIME // _DAY,
    calls: Annotated[Count, Form()] = CALLS_PER_SECOND,
) -> Response:
    """Make a key; the page shows it once."""
    try:
        with services.database.transaction() as session:
            made = keys.make(
                session,
                admin.author,
                name=name,
                scopes=scope,
                at=services.clock(),
                lifetime=days * _DAY,
                calls_per_second=calls,
            )
    except UnusableKey as refusal:
        typed = {"name": name, "scopes": list(scope), "days": days, "calls": calls}
        return _refused(services, admin, refusal, typed=typed)
    return _shown_once(services, admin, made)


@router.post("/{key_id}/rotate")
def rotate(services: Use, admin: RotatesKeys, key_id: UUID, overlap_days: Days = OVERLAP // _DAY) -> Response:
    """Make a key like this one, and let both work for the overlap."""
    try:
        with services.database.transaction() as session:
            made = keys.rotate(
                session, admin.author, str(key_id), at=services.clock(), overlap=overlap_days * _DAY
            )
    except UnusableKey as refusal:
        return _refused(services, admin, refusal)
    return _shown_once(services, admin, made)


@router.post("/{key_id}/end")
def end(services: Use, admin: EndsKeys, key_id: UUID) -> Response:
    """End a key at once."""
    try:
        with services.database.transaction() as session:
            keys.end(session, admin.author, str(key_id), at=services.clock())
    except UnusableKey as refusal:
        return _refused(services, admin, refusal)
    return go_to(_PAGE)


def _typed(form: KeptForm) -> dict[str, Any]:
    """A new key as it was typed."""
    return {
        "name": form.value("name"),
        "scopes": form.chosen("scope"),
        "days": form.value("days", str(KEY_LIFETIME // _DAY)),
        "calls": form.value("calls", str(CALLS_PER_SECOND)),
    }


def _shown_once(services: Services, admin: Staff, made: NewKey) -> Response:
    shown = {"token": made.token, "key_id": made.key_id}
    return remarks.back_to(services, _PAGE, session_id=admin.session_id, made=shown)


def _refused(services: Services, admin: Staff, refusal: UnusableKey, **values: Any) -> Response:
    problem = f"{str(refusal)[:1].upper()}{str(refusal)[1:]}."
    said: dict[str, Any] = {"status": 400, "problem": problem, **values}
    return remarks.back_to(services, _PAGE, session_id=admin.session_id, **said)
