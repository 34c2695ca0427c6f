"""Shows the code of a rescue pass once, and lets its bearer in as far as making a passkey."""

from dataclasses import dataclass
from datetime import datetime

import structlog

from domain.codes import keyed_digest, new_recovery_code, plain_recovery_code
from domain.errors import CodeRejected, Refused
from domain.facts import Method
from domain.staff.approvals import Hand
from domain.staff.staff import AuditKind, Author
from services.container import Services
from services.people.admission import Admission, Destination, admit, note_failure
from services.people.contacts import Contact
from services.people.sign_in_codes import subject_of
from services.people.visits import Visit
from services.throttling import require_attempts
from store import Session
from store.acts import refusals
from store.people import accounts
from store.safety import rescues
from store.safety.rescues import Rescue
from store.staff import audit, staff_requests

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class RescueCode:
    """A code to read out to the person, and until when it works."""

    code: str
    expires_at: datetime


def show(services: Services, request_id: str, author: Author, hand: Hand) -> RescueCode:
    """The code of a pass, this once, for the member who asked for it. Raises Unknown, ApprovalRefused."""
    code, now = new_recovery_code(), services.clock()
    with refusals.deciding(services.database, author, request_id, at=now) as session:
        account_id = staff_requests.get(session, request_id).account_id
        expires_at = rescues.show(session, request_id, hand, _digest(services, account_id, code), at=now)
        kind = AuditKind.RESCUE_SHOWN
        audit.append(session, author, kind, at=now, account_id=account_id, request_id=request_id)
    return RescueCode(code=code, expires_at=expires_at)


def enter_by(services: Services, visit: Visit, contact: Contact, typed: str) -> Admission:
    """Use the code up, and start the session that may make a passkey. Raises CodeRejected, Throttled."""
    subject = subject_of(services, contact)
    require_attempts(services, tries_per_account=subject, tries_per_address=visit.address)
    with services.database.transaction() as session:
        outcome = _try(session, services, visit, contact, typed)
    if isinstance(outcome, Refused):
        raise outcome
    return outcome


def _try(
    session: Session, services: Services, visit: Visit, contact: Contact, typed: str
) -> Admission | Refused:
    account = accounts.by_contact(session, phone=contact.phone, email=contact.email)
    account_id = accounts.lock(session, account.account_id).account_id if account else None
    now = services.clock()
    # An unknown account costs the same digest and the same look-up.
    digest = _digest(services, account_id or "", typed)
    rescue = rescues.find(session, account_id or "", digest, now=now)
    if rescue is None or account_id is None:
        note_failure(session, account_id, Method.RESCUE, at=now, reason="wrong_code")
        return CodeRejected(tries_left=0)
    return _use(session, services, visit, rescue)


def _use(session: Session, services: Services, visit: Visit, rescue: Rescue) -> Admission:
    account_id, now = rescue.account_id, services.clock()
    rescues.use(session, rescue, at=now)
    # Two strangers have vouched for the bearer; what they bind is trusted no sooner than after a text-message code.
    admission = admit(
        session, services, visit, account_id=account_id, method=Method.RESCUE, rooted_in_sms_at=now
    )
    log.info("rescued", account_id=account_id)
    return Admission(token=admission.token, destination=Destination.MAKE_ONLY_PASSKEY)


def _digest(services: Services, account_id: str, code: str) -> str:
    context = f"rescue:{account_id}"
    return keyed_digest(services.pepper, context=context, code=plain_recovery_code(code))
