"""Invites staff, from the console or from the command line, which needs no sign-in."""

import json
from dataclasses import dataclass

from domain.codes import digest, new_token
from domain.facts import Channel
from domain.messages.messages import Purpose, Template
from domain.ports import Clock, Seal
from domain.staff.staff import INVITATION_LIFETIME, AuditKind, Author, Role
from store import Session
from store.messages import messages
from store.messages.messages import NewMessage
from store.staff import audit, staff
from store.staff.staff import StaffMember


@dataclass(frozen=True, kw_only=True)
class Invitations:
    """Makes invitations whose links lead to this origin, and sends them by e-mail."""

    clock: Clock
    seal: Seal
    origin: str

    def invite(self, session: Session, author: Author, *, address: str, name: str, role: Role) -> str:
        """Invite a new member, or once more a member who has not joined or has lost their passkeys. Returns the link.

        A member on record keeps their role, name and sessions.
        """
        member = staff.find(session, address)
        if member is None:
            member = StaffMember(
                address=address, name=name, role=role, invited_at=self.clock(), invited_by=author.by
            )
            staff.add(session, member)
        token = new_token()
        staff.invite(session, member.staff_id, token, now=self.clock())
        link = f"{self.origin}/console/join/{token}"
        self._send(session, member, token, link)
        audit.append(
            session,
            author,
            AuditKind.INVITED,
            at=self.clock(),
            staff_id=member.staff_id,
            address=member.address,
            role=member.role,
        )
        return link

    def _send(self, session: Session, member: StaffMember, token: str, link: str) -> None:
        new = NewMessage(
            key=f"staff:{member.staff_id}:invited:{digest(token)[:16]}",
            account_id=None,
            purpose=Purpose.NOTICE,
            template=Template.STAFF_INVITED,
            channel=Channel.EMAIL,
            recipient=member.mailbox or member.address,
            locale="en",
            values={"role": member.role, "hours": f"{INVITATION_LIFETIME.total_seconds() / 3600:.0f}"},
            sealed=self.seal.close(json.dumps({"link": link})),
            expires_at=self.clock() + INVITATION_LIFETIME,
        )
        messages.add(session, new, at=self.clock())
