"""Shows an account's contacts in full, once, and writes down who wanted to see them and why."""

from datetime import datetime

from sqlmodel import Session

from domain.errors import Throttled
from domain.facts import Channel
from domain.safety.throttle import Throttle
from domain.staff.staff import AuditKind, Author
from store.engine import throttles
from store.messages import contact_faults
from store.people import accounts
from store.staff import audit


def reveal(
    session: Session, author: Author, account_id: str, *, reason: str, at: datetime
) -> dict[Channel, str] | Throttled:
    """The contacts of an account, or the refusal to raise after the commit. Raises Unknown."""
    contacts = contact_faults.contacts(accounts.get(session, account_id))
    if refusal := throttles.count(session, Throttle.REVEALS_PER_MEMBER, author.staff_id or author.by, now=at):
        return refusal
    audit.append(
        session,
        author,
        AuditKind.CONTACT_REVEALED,
        at=at,
        account_id=account_id,
        reason=reason,
        channels=sorted(contacts),
    )
    return contacts
