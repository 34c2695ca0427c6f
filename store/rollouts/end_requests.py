"""Requests to move a cohort's end date nearer: one member asks, and another one approves."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Field, Session, SQLModel, col, select
from uuid_utils.compat import uuid7

from domain.errors import Unknown
from domain.safety.end_dates import AfterEnd, EndDate
from domain.staff.approvals import ASKED_FOR, ApprovalRefused, Decision, Hand, require_decider
from store.engine.types import Instant


class EndRequest(SQLModel, table=True):
    """One request; `seen` is the version of the rollout's standing that its author looked at."""

    __tablename__ = "end_request"

    request_id: str = Field(primary_key=True, default_factory=lambda: str(uuid7()))
    cohort_id: str = Field(foreign_key="cohort.cohort_id", index=True)
    end_at: datetime = Field(sa_type=Instant)
    after_end: str
    seen: int
    reason: str
    asked_at: datetime = Field(sa_type=Instant)
    asked_by: str = Field(foreign_key="staff.staff_id")
    asked_in: str
    asked_with: str | None = None
    decided_at: datetime | None = Field(default=None, sa_type=Instant)
    decision: str | None = None
    decided_by: str | None = Field(default=None, foreign_key="staff.staff_id")

    @property
    def end(self) -> EndDate:
        """The end date that is asked for."""
        return EndDate(at=self.end_at, after=AfterEnd(self.after_end))

    def waits(self, now: datetime) -> bool:
        """Whether the request is open: neither decided nor too old."""
        return self.decided_at is None and now < self.asked_at + ASKED_FOR


def ask(
    session: Session, hand: Hand, cohort_id: str, end: EndDate, *, seen: int, reason: str, at: datetime
) -> EndRequest:
    """Ask for another end date. Raises ApprovalRefused while another request waits."""
    if waiting(session, cohort_id, now=at):
        raise ApprovalRefused("Another day is asked for already, and waits for a colleague.")
    request = EndRequest(
        cohort_id=cohort_id,
        end_at=end.at,
        after_end=end.after,
        seen=seen,
        reason=reason,
        asked_at=at,
        asked_by=hand.staff_id,
        asked_in=hand.session_id,
        asked_with=hand.passkey_id,
    )
    session.add(request)
    session.flush()
    return request


def get(session: Session, request_id: str, *, locked: bool = False) -> EndRequest:
    """A request, perhaps locked until the transaction ends; raises Unknown."""
    request = session.get(EndRequest, request_id, with_for_update=locked or None, populate_existing=locked)
    if request is None:
        raise Unknown(f"nothing was asked for as {request_id}")
    return request


def decide(session: Session, request_id: str, hand: Hand, decision: Decision, *, at: datetime) -> EndRequest:
    """Approve or decline as the second member, or withdraw as the first. Raises Unknown, ApprovalRefused."""
    request = get(session, request_id, locked=True)
    require_decidable(request, hand, decision, at=at)
    request.decided_at, request.decision, request.decided_by = at, decision, hand.staff_id
    session.add(request)
    session.flush()
    return request


def require_decidable(request: EndRequest, hand: Hand, decision: Decision, *, at: datetime) -> None:
    """Raise ApprovalRefused unless a member may decide a request so, now."""
    asked_by = Hand(staff_id=request.asked_by, session_id=request.asked_in, passkey_id=request.asked_with)
    require_decider(asked_by, hand, decision, waits=request.waits(at))


def waiting(session: Session, cohort_id: str | None = None, *, now: datetime) -> Sequence[EndRequest]:
    """The requests that wait for a decision, about a cohort or about any, the oldest first."""
    query = select(EndRequest).where(
        col(EndRequest.decided_at).is_(None), col(EndRequest.asked_at) > now - ASKED_FOR
    )
    if cohort_id is not None:
        query = query.where(EndRequest.cohort_id == cohort_id)
    return session.exec(query.order_by(col(EndRequest.asked_at))).all()
