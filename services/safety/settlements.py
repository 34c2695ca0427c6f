"""Settles an objection as two members of staff, who answer for it in the audit: one asks, and another approves."""

from datetime import datetime

from domain.desk.acts import SETTLE_OBJECTION
from domain.errors import Refused, Unknown
from domain.safety.objections import Outcome
from domain.staff.approvals import Decision, Hand
from domain.staff.reasons import clean_reason
from domain.staff.staff import AuditKind, Author
from services.safety import objections
from store import Session
from store.acts import decisions
from store.people import accounts
from store.safety import objections as kept_objections
from store.safety.objections import Objection
from store.staff import audit, staff_requests


def ask(
    session: Session,
    author: Author,
    hand: Hand,
    account_id: str,
    objection_id: str,
    *,
    outcome: Outcome,
    reason: str,
    at: datetime,
) -> str:
    """Ask a second member to settle an objection; returns the request's id. Nothing changes until they approve.

    Raises Unknown, BadReason, ApprovalRefused, and Refused when the objection is closed.
    """
    accounts.lock(session, account_id)
    why = clean_reason(reason)
    if find(session, account_id, objection_id).settled_at:
        raise Refused("This objection is settled.")
    request = staff_requests.ask(
        session, hand, SETTLE_OBJECTION, account_id, reason=why, at=at, target=objection_id, outcome=outcome
    )
    about = {"act": SETTLE_OBJECTION, "request_id": request.request_id}
    detail = about | {"target": objection_id, "outcome": outcome}
    audit.append(session, author, AuditKind.ASKED_FOR, at=at, account_id=account_id, reason=why, **detail)
    return request.request_id


def approve(session: Session, request_id: str, author: Author, hand: Hand, *, at: datetime) -> Objection:
    """Approve a request to settle an objection, and settle it. Raises Unknown, ApprovalRefused, LastRoute, Refused."""
    request = decisions.decide(session, request_id, author, hand, Decision.APPROVED, at=at)
    return settle(
        session,
        decisions.both(author, request),
        request.account_id,
        request.target,
        outcome=Outcome(str(request.outcome)),
        reason=request.reason,
        at=at,
    )


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
    """Close an objection of this very account. Raises Unknown, BadReason, LastRoute, and Refused when it is closed.

    Nobody settles alone: the author is `together_with` another member. Pages come here by `approve`.
    """
    if author.together_with in ("", author.mark):
        raise Refused("An objection is settled by two members of staff.")
    objection, why = find(session, account_id, objection_id), clean_reason(reason)
    settled = objections.settle(
        session,
        objection.objection_id,
        outcome=outcome,
        by=author.mark,
        together_with=author.together_with,
        reason=why,
        at=at,
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
