"""Settles an objection as a member of staff, who answers for it in the audit."""

from datetime import datetime

from domain.errors import Unknown
from domain.objections import Outcome
from domain.staff.reasons import clean_reason
from domain.staff.staff import AuditKind, Author
from services.safety import objections
from store import Session
from store.acts.refusals import SETTLE_OBJECTION
from store.safety import objections as kept_objections
from store.safety.objections import Objection
from store.staff import audit


def settle(
    session: Session,
    author: Author,
    account_id: str,
    objection_id: str,
    *,
    outcome: Outcome,
    reason: str,
    at: datetime,
) -> Objection:
    """Close an objection of this very account. Raises Unknown, BadReason, LastRoute, and Refused when it is closed."""
    objection, why = find(session, account_id, objection_id), clean_reason(reason)
    settled = objections.settle(
        session, objection.objection_id, outcome=outcome, by=author.mark, reason=why, at=at
    )
    detail = {"objection_id": objection_id, "outcome": outcome}
    kind, act = AuditKind.CASE_ACTED_ON, SETTLE_OBJECTION
    audit.append(session, author, kind, at=at, account_id=account_id, reason=why, act=act, **detail)
    return settled


def find(session: Session, account_id: str, objection_id: str) -> Objection:
    """An objection of this very account. Raises Unknown."""
    account_objections = kept_objections.of_account(session, account_id)
    objection = next((row for row in account_objections if row.objection_id == objection_id), None)
    if objection is None:
        raise Unknown(f"no objection {objection_id}")
    return objection
