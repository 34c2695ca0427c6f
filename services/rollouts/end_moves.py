"""Moves a cohort's end date: later or away by one member, nearer by two; its people are told by their journeys."""

from datetime import datetime

from domain.rollouts.edits import Edit
from domain.rollouts.end_moves import comes_nearer, moved, require_movable
from domain.rollouts.rollout import Standing
from domain.safety.end_dates import EndDate
from domain.staff.approvals import ApprovalRefused, Decision, Hand
from domain.staff.reasons import clean_reason
from domain.staff.staff import AuditKind, Author
from services.container import Rollouts, Services
from store import Database
from store.rollouts import cohorts, end_requests
from store.staff import audit, staff


def takes_two(database: Database, cohort_id: str, end: EndDate | None) -> bool:
    """Whether a move takes a second member. Raises Unknown."""
    with database.reading() as session:
        return comes_nearer(cohorts.description(cohorts.get(session, cohort_id)).policy.end, end)


def move(
    database: Database,
    rollouts: Rollouts,
    author: Author,
    cohort_id: str,
    end: EndDate | None,
    *,
    reason: str,
    seen: int | None,
    now: datetime,
    asked_at: datetime | None = None,
) -> Standing:
    """Move the end date, or lift it (None). Raises EndRefused, BadReason, ApprovalRefused, Refused, NobodyThere.

    `asked_at` is when it was asked for, if it has waited for a second member: the notice counts from then. The audit
    keeps the order even if it is refused.
    """
    why = clean_reason(reason)
    with database.reading() as session:
        cohort = cohorts.description(cohorts.get(session, cohort_id))
    require_movable(cohort, end, now=asked_at or now)
    if comes_nearer(cohort.policy.end, end) and author.together_with in ("", author.mark):
        raise ApprovalRefused("A nearer end date takes two members of staff.")
    by = f"{author.by}, with {author.together_with}" if author.together_with else author.signature
    edit = Edit(cohort=moved(cohort, end), by=by, reason=why, seen=seen, moves_end=True)
    ends_at = end.at.isoformat() if end else None
    with database.transaction() as session:
        kind = AuditKind.END_DATE_MOVED
        audit.append(session, author, kind, at=now, cohort_id=cohort_id, reason=why, ends_at=ends_at)
    return rollouts.edit(cohort_id, edit)


def ask(
    services: Services, author: Author, hand: Hand, cohort_id: str, end: EndDate, *, reason: str, seen: int
) -> None:
    """Ask a colleague for a nearer end date. Raises EndRefused, BadReason, ApprovalRefused."""
    why, now = clean_reason(reason), services.clock()
    with services.database.transaction() as session:
        require_movable(cohorts.description(cohorts.get(session, cohort_id)), end, now=now)
        end_requests.ask(session, hand, cohort_id, end, seen=seen, reason=why, at=now)
        ends_at = end.at.isoformat()
        kind = AuditKind.ASKED_FOR
        audit.append(session, author, kind, at=now, cohort_id=cohort_id, reason=why, ends_at=ends_at)


def approve(services: Services, author: Author, hand: Hand, request_id: str) -> None:
    """Move the end date as the second member, and note that. Raises Unknown, EndRefused, Refused, NobodyThere.

    The request waits on if that fails.
    """
    now = services.clock()
    with services.database.reading() as session:
        request = end_requests.get(session, request_id)
        end_requests.require_decidable(request, hand, Decision.APPROVED, at=now)
        asker = staff.get(session, request.asked_by)
        asker_author = Author(by=asker.address, staff_id=asker.staff_id, together_with=author.mark)
    move(
        services.database,
        services.rollouts,
        asker_author,
        request.cohort_id,
        request.end,
        reason=request.reason,
        seen=None,
        now=now,
        asked_at=request.asked_at,
    )
    _decide(services, author, hand, request_id, Decision.APPROVED)


def decline(services: Services, author: Author, hand: Hand, request_id: str) -> None:
    """Decline a colleague's request, or withdraw one's own. Raises Unknown, ApprovalRefused."""
    with services.database.reading() as session:
        is_own = end_requests.get(session, request_id).asked_by == hand.staff_id
    _decide(services, author, hand, request_id, Decision.WITHDRAWN if is_own else Decision.DECLINED)


def _decide(services: Services, author: Author, hand: Hand, request_id: str, decision: Decision) -> None:
    now = services.clock()
    with services.database.transaction() as session:
        request = end_requests.decide(session, request_id, hand, decision, at=now)
        kind = AuditKind.APPROVED if decision is Decision.APPROVED else AuditKind.DECLINED
        audit.append(session, author, kind, at=now, cohort_id=request.cohort_id, request_id=request_id)
