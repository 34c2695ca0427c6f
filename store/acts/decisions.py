"""Decides requests: the second member says yes or no, or the first withdraws. The audit keeps both names."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlmodel import Session

from domain.staff.approvals import Decision, Hand
from domain.staff.staff import AuditKind, Author
from store.people import accounts
from store.staff import audit, staff_requests
from store.staff.staff_requests import StaffRequest

_KINDS = {
    Decision.APPROVED: AuditKind.APPROVED,
    Decision.DECLINED: AuditKind.DECLINED,
    Decision.WITHDRAWN: AuditKind.DECLINED,
}


def decide(
    session: Session, request_id: str, author: Author, hand: Hand, decision: Decision, *, at: datetime
) -> StaffRequest:
    """Note a decision, with the account locked. Raises Unknown, ApprovalRefused."""
    accounts.lock(session, staff_requests.get(session, request_id).account_id)
    request = staff_requests.decide(session, request_id, hand, decision, at=at)
    detail: dict[str, Any] = {
        "days": request.days,
        "rest": request.rest,
        "target": request.target,
        "outcome": request.outcome,
    }
    audit.append(
        session,
        both(author, request) if decision is Decision.APPROVED else author,
        _KINDS[decision],
        at=at,
        account_id=request.account_id,
        reason=request.reason,
        act=request.act,
        request_id=request_id,
        **{name: value for name, value in detail.items() if value},
    )
    return request


def turn_down(session: Session, request_id: str, author: Author, hand: Hand, *, at: datetime) -> None:
    """Decline a request of another member, or withdraw the member's own. Raises Unknown, ApprovalRefused."""
    is_own = staff_requests.get(session, request_id).asked_by == hand.staff_id
    decision = Decision.WITHDRAWN if is_own else Decision.DECLINED
    decide(session, request_id, author, hand, decision, at=at)


def both(author: Author, request: StaffRequest) -> Author:
    """The member who approves, together with the member who asked: the author of what is then carried out."""
    return replace(author, together_with=request.asked_by)
