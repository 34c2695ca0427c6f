"""Makes recovery codes, checks a code that was typed back, and signs in by a code."""

import structlog

from domain.codes import RECOVERY_CODES, keyed_digest, new_recovery_code, plain_recovery_code
from domain.errors import CodeRejected
from domain.facts import Method
from domain.journal import Actor, EventKind
from domain.messages.messages import Template
from services.container import Services
from services.people.admission import Admission, admit
from services.people.contact_codes import CodeDoor, enter_by_code
from services.people.contacts import Contact
from services.people.visits import Person, Visit
from services.throttling import require_attempts
from store import Session
from store.messages import notices
from store.people import accounts, journal, recovery_codes
from store.people.recovery_codes import RecoveryCode

log = structlog.get_logger()


def make(services: Services, person: Person) -> list[str]:
    """Make a set of codes, to be shown once. An older proven set works until a code of the new set is typed back."""
    codes = [new_recovery_code() for _ in range(RECOVERY_CODES)]
    digests = [_digest(services, person.account_id, code) for code in codes]
    now = services.clock()
    with services.database.transaction() as session:
        set_id = recovery_codes.make(
            session, person.account_id, digests, at=now, rooted_in_sms_at=person.rooted_in_sms_at
        )
        # Codes open the account from now on, whether or not one is ever typed back.
        account, values = accounts.get(session, person.account_id), {"set_id": set_id}
        notices.tell(session, account, Template.RECOVERY_CODES_MADE, event=set_id, at=now, values=values)
        kind = EventKind.RECOVERY_CODES_MADE
        journal.append(session, person.account_id, kind, at=now, actor=Actor.PERSON, codes=len(codes))
    log.info("recovery_codes_made", account_id=person.account_id)
    return codes


def prove(services: Services, person: Person, typed: str) -> None:
    """Check one typed code, as proof that the person keeps the set; it stays unused. Raises CodeRejected, Throttled."""
    require_attempts(services, long_codes_per_address=f"session:{person.session_id}")
    now = services.clock()
    with services.database.transaction() as session:
        accounts.lock(session, person.account_id)
        code = recovery_codes.find(session, person.account_id, _digest(services, person.account_id, typed))
        if code is None:
            raise CodeRejected(tries_left=0)
        if code.proven_at:
            return
        recovery_codes.prove(session, code, at=now)
        kind = EventKind.RECOVERY_CODES_PROVEN
        journal.append(session, person.account_id, kind, at=now, actor=Actor.PERSON)


def sign_in(services: Services, visit: Visit, contact: Contact, typed: str) -> Admission:
    """Sign in by a recovery code, and use it up. Raises CodeRejected, Throttled."""

    def knows(session: Session, account_id: str) -> bool:
        return recovery_codes.is_known(session, account_id, _digest(services, account_id, typed))

    def use(session: Session, account_id: str) -> Admission | None:
        code = recovery_codes.find(session, account_id, _digest(services, account_id, typed))
        return _use(session, services, visit, code) if code else None

    door = CodeDoor(method=Method.RECOVERY_CODE, knows=knows, use=use)
    return enter_by_code(services, visit, contact, door)


def _use(session: Session, services: Services, visit: Visit, code: RecoveryCode) -> Admission:
    account_id, now = code.account_id, services.clock()
    recovery_codes.use(session, code, at=now)
    codes_left, _ = recovery_codes.left(session, account_id)
    kind = EventKind.RECOVERY_CODE_USED
    journal.append(session, account_id, kind, at=now, actor=Actor.PERSON, codes_left=codes_left)
    account, values = accounts.get(session, account_id), {"left": str(codes_left), "set_id": code.set_id}
    notices.tell(session, account, Template.RECOVERY_CODE_USED, event=code.code_id, at=now, values=values)
    return admit(
        session,
        services,
        visit,
        account_id=account_id,
        method=Method.RECOVERY_CODE,
        rooted_in_sms_at=code.rooted_in_sms_at,
    )


def _digest(services: Services, account_id: str, code: str) -> str:
    context = f"recovery:{account_id}"
    return keyed_digest(services.pepper, context=context, code=plain_recovery_code(code))
