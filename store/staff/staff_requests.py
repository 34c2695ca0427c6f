"""Requests: what one member of staff asks for, and another member has to approve."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Index, func, text
from sqlmodel import Field, Session, SQLModel, col, select
from uuid_utils.compat import uuid7

from domain.desk.acts import Act
from domain.errors import Unknown
from domain.staff.approvals import ASKED_FOR, RESCUES_A_DAY, ApprovalRefused, Decision, Hand, require_decider
from store.engine.types import Instant
from store.staff.staff import StaffMember

_OPEN = text("decided_at IS NULL")


class StaffRequest(SQLModel, table=True):
    """One request; `asked_in` and `asked_with` are the session and the passkey of the member who asked.

    `target` is the passkey or the objection that it is about. `rest` is the basis of an exemption, `evidence` its
    evidence, and `outcome` how an objection is to be settled.
    """

    __tablename__ = "staff_request"
    __table_args__ = (
        Index("ix_staff_request_account", "account_id", "asked_at"),
        Index("ix_staff_request_asked", "asked_by", "asked_at"),
        Index("ix_staff_request_open", "asked_at", sqlite_where=_OPEN, postgresql_where=_OPEN),
    )

    request_id: str = Field(primary_key=True, default_factory=lambda: str(uuid7()))
    account_id: str = Field(foreign_key="account.account_id")
    act: str
    days: int = 0
    rest: str | None = None
    evidence: str = ""
    target: str = ""
    outcome: str | None = None
    reason: str
    asked_at: datetime = Field(sa_type=Instant)
    asked_by: str = Field(foreign_key="staff.staff_id")
    asked_in: str
    asked_with: str | None = None
    decided_at: datetime | None = Field(default=None, sa_type=Instant)
    decision: str | None = None
    decided_by: str | None = Field(default=None, foreign_key="staff.staff_id")

    def waits(self, now: datetime) -> bool:
        """Whether the request is open: neither decided nor too old."""
        return self.decided_at is None and now < self.asked_at + ASKED_FOR


def ask(
    session: Session,
    hand: Hand,
    act: str,
    account_id: str,
    *,
    reason: str,
    at: datetime,
    days: int = 0,
    rest: str | None = None,
    evidence: str = "",
    target: str = "",
    outcome: str | None = None,
) -> StaffRequest:
    """Ask for an act on an account, whose row the caller has locked. Raises ApprovalRefused."""
    if find_waiting(session, account_id, act, target=target, now=at):
        raise ApprovalRefused("This is asked for already, and waits for a colleague.")
    if act == Act.ASK_FOR_RESCUE:
        _require_few(session, hand.staff_id, at=at)
    request = StaffRequest(
        account_id=account_id,
        act=act,
        days=days,
        rest=rest,
        evidence=evidence,
        target=target,
        outcome=outcome,
        reason=reason,
        asked_at=at,
        asked_by=hand.staff_id,
        asked_in=hand.session_id,
        asked_with=hand.passkey_id,
    )
    session.add(request)
    session.flush()
    return request


def get(session: Session, request_id: str) -> StaffRequest:
    """A request; raises Unknown."""
    request = session.get(StaffRequest, request_id)
    if request is None:
        raise Unknown(f"nothing was asked for as {request_id}")
    return request


def decide(
    session: Session, request_id: str, hand: Hand, decision: Decision, *, at: datetime
) -> StaffRequest:
    """Approve or decline as the second member, or withdraw as the first. Raises Unknown, ApprovalRefused.

    The caller has locked the account, so that of two decisions at once the later one sees the earlier one.
    """
    request = session.get(StaffRequest, request_id, with_for_update=True, populate_existing=True)
    if request is None:
        raise Unknown(f"nothing was asked for as {request_id}")
    require_decider(asked_by(request), hand, decision, waits=request.waits(at))
    request.decided_at, request.decision, request.decided_by = at, decision, hand.staff_id
    session.add(request)
    session.flush()
    return request


def asked_by(request: StaffRequest) -> Hand:
    """The member who asked, with their session and passkey."""
    return Hand(staff_id=request.asked_by, session_id=request.asked_in, passkey_id=request.asked_with)


def of_account(session: Session, account_id: str) -> Sequence[StaffRequest]:
    """The requests about an account, newest first."""
    query = select(StaffRequest).where(StaffRequest.account_id == account_id)
    return session.exec(query.order_by(col(StaffRequest.asked_at).desc())).all()


def find_waiting(
    session: Session, account_id: str, act: str, *, target: str = "", now: datetime
) -> StaffRequest | None:
    """The request for this act, about this passkey or objection, that waits for a decision; None without one."""
    requests = of_account(session, account_id)
    same = (request for request in requests if (request.act, request.target) == (act, target))
    return next((request for request in same if request.waits(now)), None)


def waiting(session: Session, *, now: datetime) -> Sequence[StaffRequest]:
    """The requests that wait for a decision, oldest first."""
    query = select(StaffRequest).where(_OPEN, col(StaffRequest.asked_at) > now - ASKED_FOR)
    return session.exec(query.order_by(col(StaffRequest.asked_at))).all()


def count_for(session: Session, staff_id: str, *, now: datetime) -> int:
    """How many requests of other members wait for a decision."""
    return sum(1 for request in waiting(session, now=now) if request.asked_by != staff_id)


def _require_few(session: Session, staff_id: str, *, at: datetime) -> None:
    session.get(
        StaffMember, staff_id, with_for_update=True
    )  # locked, so that two requests at once cannot both be the last that is allowed
    lately = select(func.count()).where(
        StaffRequest.asked_by == staff_id,
        StaffRequest.act == Act.ASK_FOR_RESCUE,
        col(StaffRequest.asked_at) > at - timedelta(days=1),
    )
    if session.exec(lately).one() >= RESCUES_A_DAY:
        raise ApprovalRefused(f"Nobody asks for more than {RESCUES_A_DAY} rescue passes within a day.")
