"""Lets people in by a contact and a long code: a recovery code, or the code of a rescue pass.

Neither the answer nor the work for it shows whether an account has the contact.
"""

from collections.abc import Callable
from dataclasses import dataclass

from domain.codes import plain_recovery_code
from domain.errors import CodeRejected
from domain.facts import Method
from services.container import Services
from services.people import claimants, first_answers, guessing
from services.people.admission import Admission
from services.people.contacts import Contact
from services.people.visits import Visit
from store import Session
from store.people import accounts, door_notes
from store.people.first_answers import SecretKind


@dataclass(frozen=True, kw_only=True)
class CodeDoor:
    """A door for one kind of long codes.

    `knows` says whether an account has such a code; its id is empty for nobody. `use` uses the code up, with the
    account locked; it returns None if the code works no longer.
    """

    method: Method
    kind: SecretKind
    knows: Callable[[Session, str], bool]
    use: Callable[[Session, str], Admission | None]


def enter_by_code(
    services: Services, visit: Visit, contact: Contact, typed: str, door: CodeDoor
) -> Admission:
    """Let a person in by their contact and code. Raises CodeRejected, Throttled; a wrong code goes into the journal.

    A browser that sends a right code twice within a minute is given its one session both times.
    """
    both = "\0".join((*contact.values, plain_recovery_code(typed)))
    secret = first_answers.sent(services, door.kind, visit.door_id, both)
    if first := first_answers.recall_admission(services, visit, secret):
        return first
    claimant = claimants.of_contact(services, contact)
    guessing.require_long_guess(services, visit, claimant)
    with services.database.transaction() as session:
        # Somebody's wrong code locks nothing and takes the statements of nobody's.
        if door.knows(session, claimant.account_id):
            accounts.lock(session, claimant.account_id)
            if admission := door.use(session, claimant.account_id):
                first_answers.keep_admission(session, services, secret, admission)
                return admission
            # The same code may have been sent at the same moment, and used up while this request waited.
            if first := first_answers.find_admission(session, services, visit, secret):
                return first
        now = services.clock()
        if guessing.is_worth_noting(session, claimant, now=now):
            door_notes.sign_in_failed(session, claimant.account_id, door.method, reason="wrong_code", at=now)
    raise CodeRejected(tries_left=0)
