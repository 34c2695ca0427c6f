"""The list of staff, for admins: invite, change a role, end access. Every change needs a fresh ceremony."""

from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response

from api.staff.kept_forms import KeptForm, form_kept_for
from api.staff.rights import ManagesStaff, Staff, stepped_up
from api.web import remarks
from api.web.arguments import Use
from api.web.pages import go_to
from domain.errors import BadContact
from domain.staff.staff import DEEDS, AuditKind, Right, Role, clean_name, rights_of
from providers.contacts import email_address
from services.container import Services
from services.staff.staff_invitations import Invitations
from store.staff import audit, audit_lines, staff, staff_sessions
from store.staff.audit import Sought

_LATEST = 30
_PAGE = "/console/staff"

router = APIRouter(prefix=_PAGE)

_changes = partial(stepped_up, Right.MANAGE_STAFF, page=_PAGE)

Invites = Annotated[Staff, Depends(_changes("Send the invitation"))]
InvitesAgain = Annotated[Staff, Depends(_changes("New link"))]
ChangesRoles = Annotated[Staff, Depends(_changes("Change"))]
EndsAccess = Annotated[Staff, Depends(_changes("End access"))]
"""Admins who have just stepped up, as arguments of the routes of these buttons."""


@router.get("")
def show(request: Request, services: Use, admin: ManagesStaff) -> Response:
    """Who works here, and what staff did last."""
    return _page(request, services, admin)


@router.post("/invite")
def invite(
    services: Use,
    admin: Invites,
    role: Annotated[Role, Form()],
    address: Annotated[str, Form(max_length=320)] = "",
    name: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """Invite somebody. The link goes by e-mail to them alone; only the first admin is sent to it at once."""
    if problem := _problem(admin, address, role):
        remark: dict[str, Any] = {"status": 400, "problem": problem, "typed": (address, name, role)}
        return remarks.back_to(services, _PAGE, session_id=admin.session_id, **remark)
    invitations = Invitations(clock=services.clock, seal=services.seal, origin=services.site.origin)
    with services.database.transaction() as session:
        link = invitations.invite(
            session, admin.author, address=email_address(address), name=clean_name(name), role=role
        )
    if admin.signed:
        return go_to(_PAGE)
    # The first invitation closes the open console, and the person at the machine is the invited admin.
    return go_to(link.removeprefix(services.site.origin))


@router.post("/{staff_id}/invite")
def invite_again(services: Use, admin: InvitesAgain, staff_id: UUID) -> Response:
    """A new link for somebody who has not joined, or who has lost their passkeys."""
    invitations = Invitations(clock=services.clock, seal=services.seal, origin=services.site.origin)
    with services.database.transaction() as session:
        member = staff.get(session, str(staff_id))
        invitations.invite(
            session, admin.author, address=member.address, name=member.name, role=Role(member.role)
        )
    return go_to(_PAGE)


@router.post("/{staff_id}/role")
def change_role(
    services: Use, admin: ChangesRoles, staff_id: UUID, role: Annotated[Role, Form()]
) -> Response:
    """Give a member another role; their sessions end."""
    now = services.clock()
    with services.database.transaction() as session:
        member = staff.get(session, str(staff_id))
        before = member.role
        if before != role:
            staff.change_role(session, member, role, now=now)
            audit.append(
                session,
                admin.author,
                AuditKind.ROLE_CHANGED,
                at=now,
                staff_id=member.staff_id,
                address=member.address,
                before=before,
                role=role,
            )
    return go_to(_PAGE)


@router.post("/{staff_id}/end")
def end(services: Use, admin: EndsAccess, staff_id: UUID) -> Response:
    """End a member's access and sessions."""
    now = services.clock()
    with services.database.transaction() as session:
        member = staff.get(session, str(staff_id))
        staff.end(session, member, now=now)
        audit.append(
            session,
            admin.author,
            AuditKind.ACCESS_ENDED,
            at=now,
            staff_id=member.staff_id,
            address=member.address,
        )
    return go_to(_PAGE)


def _problem(admin: Staff, address: str, role: Role) -> str:
    try:
        email_address(address)
    except BadContact:
        return "That does not look like an e-mail address."
    is_first = admin.signed is None
    return "The first member has to be an admin." if is_first and role is not Role.ADMIN else ""


def _typed(form: KeptForm) -> tuple[str, str, str]:
    """An invitation as it was typed: address, name and role."""
    if form.action != f"{_PAGE}/invite":
        return "", "", Role.SUPPORT
    return form.value("address"), form.value("name"), form.value("role")


def _page(request: Request, services: Services, admin: Staff) -> Response:
    with services.database.reading() as session:
        members = staff.everybody(session)
        entries = audit_lines.page(session, Sought(), before=None, limit=_LATEST).lines
        seen = staff_sessions.last_seen(session)
    allowed = {role: [DEEDS[right] for right in Right if right in rights_of(role)] for role in Role}
    return remarks.page(
        request,
        "staff/staff.html",
        session_id=admin.session_id,
        staff=admin,
        members=members,
        entries=entries,
        seen=seen,
        roles=list(Role),
        allowed=allowed,
        problem="",
        typed=_typed(form_kept_for(request)),
    )
