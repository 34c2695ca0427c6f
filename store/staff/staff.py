"""Members of staff and their invitations: who may use the console, in which role, and for how long."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Index, text
from sqlmodel import Field, Session, SQLModel, col, select, update
from uuid_utils.compat import uuid7

from domain.codes import digest
from domain.errors import LinkRejected, Unknown
from domain.safety.contact_keys import bare_address, email_key
from domain.staff.staff import INVITATION_LIFETIME, AlreadyStaff, LastAdmin, Role
from store.engine.types import Instant
from store.staff import staff_sessions

_CURRENT = text("ended_at IS NULL")


class StaffMember(SQLModel, table=True):
    """One member of staff. Former members stay on record; `subject` is the member's id at the identity provider.

    `address` is the key by which the member is known and found; mail goes to `mailbox`, as the address was spelled.
    """

    __tablename__ = "staff"
    __table_args__ = (
        Index("ix_staff_address", "address", unique=True, sqlite_where=_CURRENT, postgresql_where=_CURRENT),
        Index("ix_staff_subject", "subject", unique=True, sqlite_where=_CURRENT, postgresql_where=_CURRENT),
    )

    staff_id: str = Field(primary_key=True, default_factory=lambda: str(uuid7()))
    address: str
    mailbox: str = ""
    name: str = ""
    role: str
    subject: str | None = None
    invited_at: datetime = Field(sa_type=Instant)
    invited_by: str
    joined_at: datetime | None = Field(default=None, sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)

    @property
    def is_admin(self) -> bool:
        """Whether the member may invite others."""
        return self.role == Role.ADMIN


class StaffInvitation(SQLModel, table=True):
    """A link that lets one member bind their first passkey, once."""

    __tablename__ = "staff_invitation"

    invitation_id: str = Field(primary_key=True)
    staff_id: str = Field(foreign_key="staff.staff_id", index=True)
    expires_at: datetime = Field(sa_type=Instant)
    used_at: datetime | None = Field(default=None, sa_type=Instant)


def is_anybody_there(session: Session) -> bool:
    """Whether anybody was ever invited: from then on the console asks everybody to sign in."""
    return session.exec(select(StaffMember.staff_id).limit(1)).first() is not None


def everybody(session: Session, *, ended_too: bool = False) -> Sequence[StaffMember]:
    """The members, by address."""
    query = select(StaffMember).order_by(col(StaffMember.ended_at).is_not(None), col(StaffMember.address))
    return session.exec(query if ended_too else query.where(col(StaffMember.ended_at).is_(None))).all()


def names(session: Session) -> dict[str, str]:
    """What members are called, by their ids: their names or else their addresses. Former members are included."""
    return {member.staff_id: member.name or member.address for member in everybody(session, ended_too=True)}


def find(session: Session, address: str) -> StaffMember | None:
    """The current member of an address; None if there is none."""
    query = select(StaffMember).where(StaffMember.address == plain(address))
    return session.exec(query.where(col(StaffMember.ended_at).is_(None))).first()


def by_subject(session: Session, subject: str) -> StaffMember | None:
    """The current member with this subject at the identity provider; None if there is none."""
    query = select(StaffMember).where(StaffMember.subject == subject)
    return session.exec(query.where(col(StaffMember.ended_at).is_(None))).first()


def get(session: Session, staff_id: str) -> StaffMember:
    """A current member; raises Unknown."""
    member = session.get(StaffMember, staff_id)
    if member is None or member.ended_at:
        raise Unknown("nobody of that kind works here")
    return member


def on_record(session: Session, staff_id: str) -> StaffMember | None:
    """A current or former member; None if the id was never a member's."""
    return session.get(StaffMember, staff_id)


def plain(address: str) -> str:
    """The key of an address: staff may type capitals in it or not."""
    return email_key(bare_address(address))


def add(session: Session, member: StaffMember) -> StaffMember:
    """Add a member, whose address may be in any spelling. Raises AlreadyStaff."""
    member.mailbox = member.mailbox or bare_address(member.address)
    member.address = plain(member.address)
    if find(session, member.address):
        raise AlreadyStaff(f"{member.address} is a member of staff already")
    session.add(member)
    session.flush()
    return member


def invite(session: Session, staff_id: str, token: str, *, now: datetime) -> None:
    """Keep an invitation under the digest of its token; the member's earlier invitations are void."""
    _void(session, staff_id, at=now)
    invitation = StaffInvitation(
        invitation_id=digest(token), staff_id=staff_id, expires_at=now + INVITATION_LIFETIME
    )
    session.add(invitation)
    session.flush()


def look(session: Session, token: str, *, now: datetime) -> StaffMember:
    """The member whom an invitation is for, if it still works. Looking does not use it up. Raises LinkRejected."""
    return _invited(session, token, now=now)[1]


def join(session: Session, token: str, *, now: datetime) -> StaffMember:
    """Use an invitation up: its member has joined. Raises LinkRejected."""
    invitation, member = _invited(session, token, now=now)
    invitation.used_at = now
    member.joined_at = member.joined_at or now
    session.add_all((invitation, member))
    session.flush()
    return member


def change_role(session: Session, member: StaffMember, role: Role, *, now: datetime) -> None:
    """Give a member another role; their sessions end, so that none goes on in the old role. Raises LastAdmin."""
    _keep_an_admin(session, member, still_admin=role is Role.ADMIN)
    member.role = role
    session.add(member)
    session.flush()
    staff_sessions.end_all(session, member.staff_id, at=now)


def end(session: Session, member: StaffMember, *, now: datetime) -> None:
    """End a member's access, sessions and invitations. Raises LastAdmin."""
    _keep_an_admin(session, member, still_admin=False)
    member.ended_at = now
    session.add(member)
    session.flush()
    _void(session, member.staff_id, at=now)
    staff_sessions.end_all(session, member.staff_id, at=now)


def by_provider(session: Session, member: StaffMember, *, now: datetime) -> StaffMember | None:
    """The member whom an identity provider describes: added or updated to match. None if they may not come in.

    They may not come in if their access was ended here, or if their address belongs to another subject here.

    A member who was invited by the same address gets the subject now. The provider decides on roles, even on the role
    of the last admin: an operator of the server can always invite another admin.
    """
    current = by_subject(session, str(member.subject)) or find(session, member.address)
    if current is None:
        return None if _was_ended(session, member) else add(session, member)
    if current.subject not in (None, member.subject):
        return None  # the address has a new owner, who must not inherit the former owner's passkeys
    if current.role != member.role:
        staff_sessions.end_all(session, current.staff_id, at=now)
    current.subject, current.role = member.subject, member.role
    current.name, current.joined_at = current.name or member.name, current.joined_at or now
    session.add(current)
    session.flush()
    return current


def _was_ended(session: Session, member: StaffMember) -> bool:
    query = select(StaffMember.staff_id).where(StaffMember.subject == member.subject)
    return session.exec(query).first() is not None


def _keep_an_admin(session: Session, member: StaffMember, *, still_admin: bool) -> None:
    """Raise LastAdmin if no admin would be left. Invited admins count once they join: an invitation may lapse."""
    if still_admin or not member.is_admin or member.joined_at is None:
        return
    # Two admins who end each other at once must not both succeed, so all admins' rows are locked, in one order.
    query = select(StaffMember).where(
        StaffMember.role == Role.ADMIN,
        col(StaffMember.joined_at).is_not(None),
        col(StaffMember.ended_at).is_(None),
    )
    admins = session.exec(query.order_by(col(StaffMember.staff_id)).with_for_update()).all()
    if all(admin.staff_id == member.staff_id for admin in admins):
        raise LastAdmin(f"{member.address} is the last admin; make somebody else one first")


def _invited(session: Session, token: str, *, now: datetime) -> tuple[StaffInvitation, StaffMember]:
    invitation = session.get(StaffInvitation, digest(token), with_for_update=True, populate_existing=True)
    if invitation is None or invitation.used_at or invitation.expires_at <= now:
        raise LinkRejected("the invitation is unknown, expired or used")
    member = session.get(StaffMember, invitation.staff_id)
    if member is None or member.ended_at:
        raise LinkRejected("the invitation is for somebody who has left")
    return invitation, member


def _void(session: Session, staff_id: str, *, at: datetime) -> None:
    session.execute(
        update(StaffInvitation)
        .where(col(StaffInvitation.staff_id) == staff_id, col(StaffInvitation.used_at).is_(None))
        .values(used_at=at)
    )
