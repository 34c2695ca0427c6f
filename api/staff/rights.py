"""The member at the console, and what their role allows: the arguments of its routes.

A route that takes `Annotated[Staff, Depends(require(Right.X))]` answers only members who have that right.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request

from api.staff import kept_forms, open_console
from api.staff.kept_forms import KeptForm, SentForm
from api.staff.visits import AtConsole, is_open
from api.web.arguments import Use
from domain.safety.guard import Guard
from domain.staff.approvals import ApprovalRefused, Hand
from domain.staff.staff import AuditKind, Author, Right, Role, is_fresh, rights_of
from domain.words.switch_words import banner
from services.container import Services
from services.staff.staff_visits import SignedMember, StaffVisit
from store import Session
from store.engine import raised_guards
from store.journeys import switches
from store.staff import audit, staff_keys, staff_requests


class NoStaffSession(Exception):
    """The page is for staff who have signed in; `back` is the page to return to."""

    def __init__(self, back: str) -> None:
        super().__init__(back)
        self.back = back


class StepUpNeeded(NoStaffSession):
    """The request cannot be undone, and the last ceremony is too long ago."""


class BadKey(Exception):
    """A key that is unknown, ended or expired."""


class NotByKey(Exception):
    """The request takes a ceremony or a second person, so no key is enough."""


class Forbidden(Exception):
    """A member's role does not allow this."""

    def __init__(self, staff: "Staff", right: Right) -> None:
        super().__init__(right)
        self.staff = staff
        self.right = right


@dataclass(frozen=True, kw_only=True)
class Staff:
    """Somebody at the console. `signed` is None in an open console, and for a key.

    `waiting`: how many requests of colleagues they can approve. Every page says what is `stopped`, in words, and that a
    `guard` is up.
    """

    author: Author
    name: str
    role: Role
    signed: SignedMember | None = None
    is_named: bool = True
    waiting: int = 0
    guard: Guard | None = None
    stopped: str = ""

    @property
    def hand(self) -> Hand | None:
        """The session in which they ask a second member, or decide a request; None without a session."""
        if self.signed is None:
            return None
        signed = self.signed
        return Hand(staff_id=signed.staff_id, session_id=signed.session_id, passkey_id=signed.passkey_id)

    @property
    def session_id(self) -> str:
        """The session; empty without one."""
        return self.signed.session_id if self.signed else ""

    @property
    def rights(self) -> frozenset[Right]:
        """What they may do."""
        return rights_of(self.role)

    def is_fresh(self, now: datetime) -> bool:
        """Whether they have just shown who they are; in an open console nobody has to."""
        return self.signed is None or is_fresh(self.signed.stepped_up_at, now=now)

    def may(self, right: str) -> bool:
        """Whether they may do one thing."""
        return right in self.rights


def _somebody(request: Request, services: Use, visit: AtConsole) -> Staff:
    if is_under_keys(request) and "authorization" in request.headers:
        return _bearer(request, services, visit)
    if visit.signed:
        return _member(services, visit, visit.signed)
    if not is_open(request, services):
        raise NoStaffSession(visit.back)
    typed_name = open_console.name_in(request)
    name = typed_name or open_console.NAMELESS
    author = Author(by=name, came_from=visit.address)
    with services.database.reading() as session:
        guard, stopped = _alarms(session, services)
    return Staff(
        author=author,
        name=name,
        role=Role.ADMIN,
        is_named=bool(typed_name),
        guard=guard,
        stopped=stopped,
    )


def is_under_keys(request: Request) -> bool:
    """Whether the route takes keys; its application says so in its state."""
    return bool(getattr(request.app.state, "takes_keys", False))


def _bearer(request: Request, services: Services, visit: StaffVisit) -> Staff:
    scheme, _, token = request.headers["authorization"].partition(" ")
    now = services.clock()
    with services.database.reading() as session:
        key_and_member = (
            staff_keys.find(session, token.strip(), now=now) if scheme.lower() == "bearer" else None
        )
        if key_and_member is None:
            raise BadKey
        key, member = key_and_member
        author = Author(
            by=member.address,
            staff_id=member.staff_id,
            role=Role(member.role),
            came_from=visit.address,
            key_id=key.key_id,
        )
        name, is_unnoted = f"{key.name} for {member.address}", key.is_unnoted(now)
    if is_unnoted:
        with services.database.transaction() as session:
            staff_keys.note_use(session, str(author.key_id), at=now)
    return Staff(author=author, name=name, role=Role(member.role))


def _member(services: Services, visit: StaffVisit, signed: SignedMember) -> Staff:
    author = Author(by=signed.address, staff_id=signed.staff_id, role=signed.role, came_from=visit.address)
    waiting = 0
    with services.database.reading() as session:
        guard, stopped = _alarms(session, services)
        if Right.APPROVE in rights_of(signed.role):
            waiting = staff_requests.count_for(session, signed.staff_id, now=services.clock())
    return Staff(
        author=author,
        name=signed.name or signed.address,
        role=signed.role,
        signed=signed,
        waiting=waiting,
        guard=guard,
        stopped=stopped,
    )


def _alarms(session: Session, services: Services) -> tuple[Guard | None, str]:
    """The guard that is up, and what is stopped, in words."""
    return raised_guards.find_up(session, now=services.clock()), banner(switches.open_stops(session))


AnyStaff = Annotated[Staff, Depends(_somebody)]
"""A member with any role."""


def _with_session(staff: AnyStaff, visit: AtConsole) -> SignedMember:
    if staff.signed is None:
        raise NoStaffSession(visit.back)
    return staff.signed


ASession = Annotated[SignedMember, Depends(_with_session)]
"""A signed-in member's own session; there is none in a console that is still open."""


def require(right: Right) -> Callable[..., Staff]:
    """A dependency of routes: the member has this right, or Forbidden is raised and goes into the audit."""

    def allowed(request: Request, services: Use, staff: AnyStaff) -> Staff:
        require_right(services, staff, right, path=request.url.path)
        return staff

    return allowed


def require_right(services: Services, staff: Staff, right: Right, *, path: str) -> None:
    """Raise Forbidden unless the member has this right; the refusal goes into the audit."""
    if staff.may(right):
        return
    with services.database.transaction() as session:
        audit.append(session, staff.author, AuditKind.FORBIDDEN, at=services.clock(), right=right, path=path)
    raise Forbidden(staff, right)


def stepped_up(right: Right, button: str, *, page: str = "") -> Callable[..., Staff]:
    """The same, for routes that cannot be undone: the member also needs a ceremony of the last five minutes.

    `button` is what the form's button says, and `page` the page of the form, if it is always the same.
    """

    def allowed(
        services: Use, visit: AtConsole, form: SentForm, staff: Annotated[Staff, Depends(require(right))]
    ) -> Staff:
        require_step_up(services, staff, replace(form, button=button), page=page or visit.back)
        return staff

    return allowed


def require_step_up(services: Services, staff: Staff, form: KeptForm, *, page: str) -> None:
    """Raise StepUpNeeded unless the member has just shown again who they are, and NotByKey for a key.

    The way back leads to this page of the console, with the form filled in.
    """
    if staff.author.key_id:
        raise NotByKey
    if not staff.is_fresh(services.clock()):
        raise StepUpNeeded(kept_forms.address(services, page, form, session_id=staff.session_id))


def signed_hand(staff: Staff) -> Hand:
    """The member in their session, for what takes two. Raises NotByKey, and ApprovalRefused in an open console."""
    if staff.author.key_id:
        raise NotByKey
    if staff.hand is None:
        raise ApprovalRefused(
            "This takes two members of staff, and nobody has joined yet. `offramp staff invite` invites them."
        )
    return staff.hand


SeesRollouts = Annotated[Staff, Depends(require(Right.SEE_ROLLOUTS))]
RunsRollouts = Annotated[Staff, Depends(require(Right.RUN_ROLLOUTS))]
SeesLists = Annotated[Staff, Depends(require(Right.SEE_LISTS))]
SeesCases = Annotated[Staff, Depends(require(Right.SEE_CASES))]
RevealsContacts = Annotated[Staff, Depends(require(Right.REVEAL_CONTACTS))]
ActsOnCases = Annotated[Staff, Depends(require(Right.ACT_ON_CASES))]
Approves = Annotated[Staff, Depends(stepped_up(Right.APPROVE, "Approve"))]
ManagesStaff = Annotated[Staff, Depends(require(Right.MANAGE_STAFF))]
ReadsAudit = Annotated[Staff, Depends(require(Right.READ_AUDIT))]
MakesEvidence = Annotated[Staff, Depends(require(Right.MAKE_EVIDENCE))]
RaisesGuard = Annotated[Staff, Depends(require(Right.RAISE_GUARD))]
TendsWebhooks = Annotated[Staff, Depends(require(Right.TEND_WEBHOOKS))]
"""Members with a right, as arguments of routes."""
