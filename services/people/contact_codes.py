"""Lets in by a contact and a long code: a recovery code of one's own, or the code of a rescue pass.

Whether somebody has the contact shows neither in the answer nor in the work that is done for it.
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
"""Uses up the code of an account, by its id; None if it is no code of that account. The id is empty for nobody's."""


def enter_by_code(
    services: Services, visit: Visit, contact: Contact, *, method: Method, use: Use
) -> Admission:
    """Let in whoever has the contact and the code. Raises CodeRejected, Throttled; a failure is written down."""
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
