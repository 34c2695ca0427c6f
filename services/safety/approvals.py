"""Decides what takes two members of staff: another member approves it, and it is carried out, or it is declined."""

from domain.desk.acts import SETTLE_OBJECTION
from domain.staff.approvals import Hand
from domain.staff.staff import Author, Role
from services.container import Services
from services.safety import settlements
from store.acts import decisions, doing, refusals
from store.staff import staff_requests


def approve(services: Services, request_id: str, author: Author, hand: Hand, *, role: Role) -> None:
    """Approve a request as another member than the one who asked, and carry it out by the rules as they are now.

    What is refused changes nothing, and is in the audit: the request then waits on. Raises Unknown, Refused.
    """
    now = services.clock()
    with refusals.deciding(services.database, author, request_id, at=now) as session:
        if staff_requests.get(session, request_id).act == SETTLE_OBJECTION:
            settlements.approve(session, request_id, author, hand, at=now)
            return
        doing.approve(
            session,
            request_id,
            author,
            hand,
            role=role,
            at=now,
            rescue_delay=services.rescue_delay,
            bases=services.bases,
        )


def decline(services: Services, request_id: str, author: Author, hand: Hand) -> None:
    """Decline a request of another member, or withdraw one's own. Raises Unknown, ApprovalRefused."""
    now = services.clock()
    with refusals.deciding(services.database, author, request_id, at=now) as session:
        decisions.turn_down(session, request_id, author, hand, at=now)
