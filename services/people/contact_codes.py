"""Lets people in by a contact and a long code: a recovery code, or the code of a rescue pass.

Neither the answer nor the work for it shows whether an account has the contact.
"""

from collections.abc import Callable
from dataclasses import dataclass

from domain.errors import CodeRejected
from domain.facts import Method
from services.container import Services
from services.people import claimants, guessing
from services.people.admission import Admission
from services.people.contacts import Contact
from services.people.visits import Visit
from store import Session
from store.people import accounts, door_notes


@dataclass(frozen=True, kw_only=True)
class CodeDoor:
    """A door for one kind of long codes.

    `knows` says whether an account has such a code; its id is empty for nobody. `use` uses the code up, with the
    account locked; it returns None if the code works no longer.
    """

    method: Method
    knows: Callable[[Session, str], bool]
    use: Callable[[Session, str], Admission | None]


def enter_by_code(services: Services, visit: Visit, contact: Contact, door: CodeDoor) -> Admission:
    """Let a person in by their contact and code. Raises CodeRejected, Throttled; a wrong code goes into the journal."""
    claimant = claimants.of_contact(services, contact)
    guessing.require_long_guess(services, visit, claimant)
    with services.database.transaction() as session:
        # Somebody's wrong code locks nothing and takes the statements of nobody's.
        if door.knows(session, claimant.account_id):
            accounts.lock(session, claimant.account_id)
            if admission := door.use(session, claimant.account_id):
                return admission
        now = services.clock()
        if guessing.is_worth_noting(session, claimant, now=now):
            door_notes.sign_in_failed(session, claimant.account_id, door.method, reason="wrong_code", at=now)
    raise CodeRejected(tries_left=0)
