"""Shows the code of a rescue pass once, and lets the bearer of the code make a passkey."""

from dataclasses import dataclass
from datetime import datetime

import structlog

from domain.codes import new_recovery_code, plain_recovery_code
from domain.facts import Method
from domain.staff.approvals import Hand
from domain.staff.staff import AuditKind, Author
from domain.trust import Root
from services.container import Services
from services.people.admission import Admission, Destination, admit
from services.people.contact_codes import CodeDoor, enter_by_code
from services.people.contacts import Contact
from services.people.visits import Opening, Visit
from store import Session
from store.acts import refusals
from store.people.first_answers import SecretKind
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
    """The code of a pass, once, for the member who asked for the pass. Raises Unknown, ApprovalRefused."""
    code, now = new_recovery_code(), services.clock()
    with refusals.deciding(services.database, author, request_id, at=now) as session:
        account_id = staff_requests.get(session, request_id).account_id
        keyed = services.peppers.digest(**_named(account_id, code))
        expires_at = rescues.show(session, request_id, hand, keyed.digest, at=now, key_id=keyed.key_id)
        kind = AuditKind.RESCUE_SHOWN
        audit.append(session, author, kind, at=now, account_id=account_id, request_id=request_id)
    return RescueCode(code=code, expires_at=expires_at)


def enter_by(services: Services, visit: Visit, contact: Contact, typed: str) -> Admission:
    """Use the code up, and start the session that may make a passkey. Raises CodeRejected, Throttled."""

    def knows(session: Session, account_id: str) -> bool:
        return rescues.is_known(session, account_id, *_digests(services, account_id, typed))

    def use(session: Session, account_id: str) -> Admission | None:
        digests, now = _digests(services, account_id, typed), services.clock()
        rescue = rescues.find(session, account_id, *digests, now=now)
        return _use(session, services, visit, rescue) if rescue else None

    door = CodeDoor(method=Method.RESCUE, kind=SecretKind.RESCUE_CODE, knows=knows, use=use)
    return enter_by_code(services, visit, contact, typed, door)


def _use(session: Session, services: Services, visit: Visit, rescue: Rescue) -> Admission:
    account_id, now = rescue.account_id, services.clock()
    rescues.use(session, rescue, at=now)
    # Two members of staff vouch for a stranger, so the passkey has to wait as long as after a text-message code.
    opening = Opening(account_id=account_id, method=Method.RESCUE, root=Root.STAFF, rooted_at=now)
    admission = admit(session, services, visit, opening)
    log.info("rescued", account_id=account_id)
    return Admission(token=admission.token, destination=Destination.MAKE_ONLY_PASSKEY)


def _digests(services: Services, account_id: str, typed: str) -> tuple[str, ...]:
    """What the code that was typed may be kept as."""
    return services.peppers.candidates(**_named(account_id, typed))


def _named(account_id: str, code: str) -> dict[str, str]:
    return {"context": f"rescue:{account_id}", "code": plain_recovery_code(code)}
