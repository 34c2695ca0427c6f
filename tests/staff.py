"""Members of staff and their passkeys for tests, each in one line."""

import itertools

from domain.staff.staff import Role
from store import Session
from store.staff import staff, staff_passkeys
from store.staff.staff import StaffMember
from store.staff.staff_passkeys import StaffPasskey
from tests.clocks import START

_numbers = itertools.count(1)


def make_staff(session: Session, address: str, role: Role, *, joined: bool = True) -> StaffMember:
    """A new member, who has joined unless it is said otherwise."""
    member = StaffMember(
        address=address,
        name="",
        role=role,
        invited_at=START,
        invited_by="root",
        joined_at=START if joined else None,
    )
    return staff.add(session, member)


def make_staff_passkey(session: Session, staff_id: str) -> StaffPasskey:
    """A new passkey of a member."""
    number = next(_numbers)
    passkey = StaffPasskey(
        staff_id=staff_id,
        credential_id=f"staff-credential-{number}",
        public_key=b"public key",
        sign_count=0,
        aaguid="00000000-0000-0000-0000-000000000000",
        backup_eligible=True,
        backed_up=True,
        name=f"Key {number}",
        bound_at=START,
    )
    staff_passkeys.add(session, passkey)
    return passkey
