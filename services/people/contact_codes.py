"""Lets people in by a contact and a long code: a recovery code, or the code of a rescue pass.

Neither the answer nor the work for it shows whether an account has the contact.
"""

from collections.abc import Callable

from domain.errors import CodeRejected
from domain.facts import Method
from services.container import Services
from services.people.admission import Admission, note_failure
from services.people.contacts import Contact
from services.people.sign_in_codes import subject_of
from services.people.visits import Visit
from services.throttling import require_attempts
from store import Session
from store.people import accounts

Use = Callable[[Session, str], Admission | None]
"""Uses up a code of the account with this id; None if the account has no such code. The id may be empty: no account."""


def enter_by_code(
    services: Services, visit: Visit, contact: Contact, *, method: Method, use: Use
) -> Admission:
    """Let a person in by their contact and code. Raises CodeRejected, Throttled; a wrong code goes into the journal."""
    subject = subject_of(services, contact)
    require_attempts(services, tries_per_account=subject, tries_per_address=visit.address)
    with services.database.transaction() as session:
        account = accounts.by_contact(session, phone=contact.phone, email=contact.email)
        account_id = accounts.lock(session, account.account_id).account_id if account else None
        # An unknown account costs the same digest and the same look-up.
        if admission := use(session, account_id or ""):
            return admission
        note_failure(session, account_id, method, at=services.clock(), reason="wrong_code")
    raise CodeRejected(tries_left=0)
