"""`offramp staff`: invites, lists, changes and ends members of staff. On the machine itself it needs no sign-in."""

from dataclasses import asdict, dataclass
from datetime import datetime

from domain.errors import Unknown
from domain.staff.staff import AuditKind, Author, Role, clean_name
from offramp.clock import clock
from offramp.opening import opened_database, runnable_settings
from offramp.views.tables import Listing
from offramp.views.terminal import moment, note, out, print_json
from store import Session
from store.staff import audit, staff, staff_sessions
from store.staff.staff import StaffMember


@dataclass(frozen=True, kw_only=True)
class StaffLine:
    """One member of staff in the list."""

    address: str
    name: str
    role: str
    invited_at: datetime
    joined_at: datetime | None
    last_seen_at: datetime | None
    by_identity_provider: bool


def invite(address: str, *, role: Role, name: str, by: str, as_json: bool) -> None:
    """Invite somebody, and print the link too."""
    from offramp.wiring import make_seal
    from services.staff.staff_invitations import Invitations

    settings = runnable_settings()
    invitations = Invitations(clock=clock, seal=make_seal(settings), origin=settings.origin)
    with opened_database(settings) as database, database.transaction() as session:
        link = invitations.invite(session, _author(by), address=address, name=clean_name(name), role=role)
        current_role = _current(session, address).role
    if current_role != role:
        note(f"{address} is {current_role} already, and stays so; `offramp staff role` changes it")
    if as_json:
        print_json({"address": address, "role": current_role, "link": link})
    else:
        out.print(link, markup=False, soft_wrap=True)


def list_(*, as_json: bool) -> None:
    """List the members."""
    with opened_database(runnable_settings()) as database, database.reading() as session:
        last_seen_at = staff_sessions.last_seen(session)
        lines = [_line(member, last_seen_at.get(member.staff_id)) for member in staff.everybody(session)]
    if as_json:
        print_json([asdict(line) for line in lines])
    elif lines:
        out.print(_table(lines))
    else:
        out.print("nobody has been invited yet; `offramp staff invite` does it")


def change_role(address: str, role: Role, *, by: str) -> None:
    """Give a member another role."""
    with opened_database(runnable_settings()) as database, database.transaction() as session:
        member, now = _current(session, address), clock()
        before = member.role
        staff.change_role(session, member, role, now=now)
        audit.append(
            session,
            _author(by),
            AuditKind.ROLE_CHANGED,
            at=now,
            staff_id=member.staff_id,
            address=address,
            before=before,
            role=role,
        )
    out.print(f"{address} is {role} now", markup=False)


def end(address: str, *, by: str) -> None:
    """End a member's access."""
    with opened_database(runnable_settings()) as database, database.transaction() as session:
        member, now = _current(session, address), clock()
        staff.end(session, member, now=now)
        audit.append(
            session,
            _author(by),
            AuditKind.ACCESS_ENDED,
            at=now,
            staff_id=member.staff_id,
            address=member.address,
        )
    out.print(f"{address} has no access any more", markup=False)


def _author(by: str) -> Author:
    return Author(by=by, came_from="this machine")


def _current(session: Session, address: str) -> StaffMember:
    member = staff.find(session, address)
    if member is None:
        raise Unknown(f"no member of staff is called {address}")
    return member


def _line(member: StaffMember, last_seen_at: datetime | None) -> StaffLine:
    return StaffLine(
        address=member.address,
        name=member.name,
        role=member.role,
        invited_at=member.invited_at,
        joined_at=member.joined_at,
        last_seen_at=last_seen_at,
        by_identity_provider=member.subject is not None,
    )


def _table(lines: list[StaffLine]) -> Listing:
    titles = ("address", "name", "role", "joined", "last here")
    return Listing(titles=titles, rows=[_cells(line) for line in lines])


def _cells(line: StaffLine) -> tuple[str, ...]:
    joined = moment(line.joined_at) if line.joined_at else f"invited {moment(line.invited_at)}"
    seen = moment(line.last_seen_at) if line.last_seen_at else "not yet"
    return (line.address, line.name, line.role, joined, seen)
