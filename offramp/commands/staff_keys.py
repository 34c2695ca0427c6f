"""`offramp staff key`, `keys` and `end-key`: keys by which another desk acts for a member of staff."""

from dataclasses import asdict, dataclass
from datetime import datetime

from domain.codes import new_token
from domain.errors import Unknown
from domain.staff.staff import AuditKind, Author, clean_name
from offramp.clock import clock
from offramp.opening import opened_database, runnable_settings
from offramp.views.tables import Listing
from offramp.views.terminal import moment, out, print_json
from store import Session
from store.staff import audit, staff, staff_keys
from store.staff.staff import StaffMember


@dataclass(frozen=True, kw_only=True)
class KeyLine:
    """One key in the list."""

    key_id: str
    name: str
    made_at: datetime
    expires_at: datetime
    last_used_at: datetime | None


def key(address: str, *, name: str, by: str) -> None:
    """Make a key and print it. It cannot be printed again."""
    token = new_token()
    with opened_database(runnable_settings()) as database, database.transaction() as session:
        member, now = _current(session, address), clock()
        new_key = staff_keys.make(session, member.staff_id, token, name=clean_name(name), at=now)
        _audit(session, by, AuditKind.KEY_MADE, member, new_key.key_id, at=now)
    out.print(token, markup=False, soft_wrap=True)


def keys(address: str, *, as_json: bool) -> None:
    """List the valid keys of a member."""
    with opened_database(runnable_settings()) as database, database.reading() as session:
        member_keys = staff_keys.of_member(session, _current(session, address).staff_id, now=clock())
        lines = [
            KeyLine(
                key_id=member_key.key_id,
                name=member_key.name,
                made_at=member_key.made_at,
                expires_at=member_key.expires_at,
                last_used_at=member_key.last_used_at,
            )
            for member_key in member_keys
        ]
    if as_json:
        print_json([asdict(line) for line in lines])
    else:
        out.print(_table(lines) if lines else f"{address} has no key")


def end_key(address: str, key_id: str, *, by: str) -> None:
    """End a key at once."""
    with opened_database(runnable_settings()) as database, database.transaction() as session:
        member, now = _current(session, address), clock()
        staff_keys.end(session, member.staff_id, key_id, at=now)
        _audit(session, by, AuditKind.KEY_ENDED, member, key_id, at=now)
    out.print("the key is ended", markup=False)


def _audit(
    session: Session, by: str, kind: AuditKind, member: StaffMember, key_id: str, *, at: datetime
) -> None:
    author = Author(by=by, came_from="this machine")
    audit.append(session, author, kind, at=at, staff_id=member.staff_id, key_id=key_id)


def _current(session: Session, address: str) -> StaffMember:
    member = staff.find(session, address)
    if member is None:
        raise Unknown(f"no member of staff is called {address}")
    return member


def _table(lines: list[KeyLine]) -> Listing:
    titles = ("key", "for", "made", "ends", "last used")
    return Listing(titles=titles, rows=[_cells(line) for line in lines])


def _cells(line: KeyLine) -> tuple[str, ...]:
    used = moment(line.last_used_at) if line.last_used_at else "not yet"
    return (line.key_id, line.name, moment(line.made_at), moment(line.expires_at), used)
