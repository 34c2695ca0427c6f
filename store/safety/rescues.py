"""Rescue passes: a way in for a person who has none, by two members of staff, after a delay to let the owner object."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from math import ceil

from sqlalchemy import Index
from sqlmodel import Field, Session, SQLModel, col, or_, select

from domain.desk.acts import Act
from domain.errors import Unknown
from domain.journal import Actor, EventKind
from domain.messages.messages import Template
from domain.staff.approvals import (
    RESCUE_LIFETIME,
    SHOWN_WITHIN,
    ApprovalRefused,
    Hand,
    Pass,
    PassState,
    pass_state,
)
from store.engine.types import Instant
from store.messages import notices
from store.people import accounts, journal
from store.safety.objections import Objection
from store.staff import staff_requests
from store.staff.staff_requests import StaffRequest


class Rescue(SQLModel, table=True):
    """One approved pass. Its code is made when it is shown, and only the digest is stored, which hangs on `key_id`."""

    __table_args__ = (Index("ix_rescue_account", "account_id", "approved_at"),)

    request_id: str = Field(primary_key=True, foreign_key="staff_request.request_id")
    account_id: str = Field(foreign_key="account.account_id")
    approved_at: datetime = Field(sa_type=Instant)
    opens_at: datetime = Field(sa_type=Instant)
    shown_at: datetime | None = Field(default=None, sa_type=Instant)
    digest: str | None = None
    key_id: str = Field(default="", sa_column_kwargs={"server_default": ""})
    expires_at: datetime = Field(sa_type=Instant)
    stopped_at: datetime | None = Field(default=None, sa_type=Instant)
    used_at: datetime | None = Field(default=None, sa_type=Instant)


def open_(session: Session, request: StaffRequest, *, at: datetime, delay: timedelta, by: str) -> None:
    """Begin an approved pass: the owner is told by every channel at once, and the delay starts."""
    account = accounts.get(session, request.account_id)
    request_id = request.request_id
    opens_at = at + delay
    rescue = Rescue(
        request_id=request_id,
        account_id=account.account_id,
        approved_at=at,
        opens_at=opens_at,
        expires_at=opens_at + SHOWN_WITHIN,
    )
    session.add(rescue)
    hours = str(max(ceil(delay / timedelta(hours=1)), 1))
    notices.tell(session, account, Template.RESCUE_ASKED, event=request_id, at=at, values={"hours": hours})
    detail = {"request_id": request_id, "by": by}
    journal.append(session, request.account_id, EventKind.RESCUE_APPROVED, at=at, actor=Actor.STAFF, **detail)


def show(
    session: Session, request_id: str, hand: Hand, digest: str, *, at: datetime, key_id: str = ""
) -> datetime:
    """Keep the digest of the code that the member who asked sees now, only once; returns until when the code works.

    Raises Unknown, ApprovalRefused.
    """
    rescue = _lock(session, request_id)
    if staff_requests.get(session, request_id).asked_by != hand.staff_id:
        raise ApprovalRefused("The code is shown to the member who asked for the pass, and to nobody else.")
    state = _state(session, rescue, at)
    if state is not PassState.READY:
        raise ApprovalRefused(_NOT_SHOWN[state])
    rescue.shown_at, rescue.digest, rescue.expires_at = at, digest, at + RESCUE_LIFETIME
    rescue.key_id = key_id
    session.add(rescue)
    expires_at = rescue.expires_at
    _journal(session, rescue, EventKind.RESCUE_SHOWN, at=at, by=hand.staff_id)
    return expires_at


def stop(session: Session, request_id: str, *, at: datetime, actor: Actor, by: str, reason: str) -> str:
    """Stop a pass for good; returns its account id. Raises Unknown, and ApprovalRefused if the pass is over."""
    rescue = _lock(session, request_id)
    if _state(session, rescue, at).is_over:
        raise ApprovalRefused("This pass is over already.")
    rescue.stopped_at, account_id = at, rescue.account_id
    session.add(rescue)
    _journal(session, rescue, EventKind.RESCUE_STOPPED, at=at, actor=actor, by=by, reason=reason)
    return account_id


def is_known(session: Session, account_id: str, *digests: str) -> bool:
    """Whether a pass of the account has a code of one of these digests. It locks nothing.

    It costs nobody's guess the same.
    """
    query = select(Rescue.request_id).where(Rescue.account_id == account_id, col(Rescue.digest).in_(digests))
    return session.exec(query).first() is not None


def find(session: Session, account_id: str, *digests: str, now: datetime) -> Rescue | None:
    """The pass whose code has one of these digests, if it works now.

    The caller has locked the account, so it works once.
    """
    query = select(Rescue).where(Rescue.account_id == account_id, col(Rescue.digest).in_(digests))
    rescue = session.exec(query.with_for_update().execution_options(populate_existing=True)).first()
    works = rescue is not None and _state(session, rescue, now) is PassState.SHOWN
    return rescue if works else None


def use(session: Session, rescue: Rescue, *, at: datetime) -> None:
    """Use a pass up: the account cools off from now on, and its owner is told by every channel."""
    account, request_id = accounts.get(session, rescue.account_id), rescue.request_id
    rescue.used_at = account.rescued_at = at
    session.add_all((rescue, account))
    notices.tell(session, account, Template.RESCUED, event=request_id, at=at)
    _journal(session, rescue, EventKind.RESCUED, at=at, actor=Actor.PERSON)


def of_account(session: Session, account_id: str, *, now: datetime) -> list[Pass]:
    """An account's passes, newest first."""
    query = select(Rescue).where(Rescue.account_id == account_id)
    rows = session.exec(query.order_by(col(Rescue.approved_at).desc())).all()
    return [_as_seen(session, rescue, now) for rescue in rows]


def under_way(session: Session, *, now: datetime) -> list[Pass]:
    """The passes that wait for the end of their delay, or for their use; the pass that opens next comes first."""
    query = select(Rescue).where(
        col(Rescue.used_at).is_(None), col(Rescue.stopped_at).is_(None), col(Rescue.expires_at) > now
    )
    passes = [_as_seen(session, rescue, now) for rescue in session.exec(query.order_by(col(Rescue.opens_at)))]
    return [rescue_pass for rescue_pass in passes if not rescue_pass.state.is_over]


def is_open(session: Session, account_id: str, *, now: datetime, requests: Sequence[StaffRequest]) -> bool:
    """Whether a pass waits for its approval, its delay or its use. `requests` are all requests about the account."""
    passes = of_account(session, account_id, now=now)
    is_requested = any(request.act == Act.ASK_FOR_RESCUE and request.waits(now) for request in requests)
    return is_requested or any(not rescue_pass.state.is_over for rescue_pass in passes)


_NOT_SHOWN = {
    PassState.WAITING: "The delay in which the owner can object is not over yet.",
    PassState.SHOWN: "The code has been shown. It is shown once.",
    PassState.USED: "The pass has been used.",
    PassState.STOPPED: "The pass was stopped.",
    PassState.LAPSED: "The pass has lapsed. Ask for a new one.",
}


def _as_seen(session: Session, rescue: Rescue, now: datetime) -> Pass:
    return Pass(
        request_id=rescue.request_id,
        account_id=rescue.account_id,
        state=_state(session, rescue, now),
        opens_at=rescue.opens_at,
        expires_at=rescue.expires_at,
    )


def _state(session: Session, rescue: Rescue, now: datetime) -> PassState:
    return pass_state(
        opens_at=rescue.opens_at,
        expires_at=rescue.expires_at,
        shown_at=rescue.shown_at,
        used_at=rescue.used_at,
        is_stopped=rescue.stopped_at is not None or _is_objected_to(session, rescue),
        now=now,
    )


def _is_objected_to(session: Session, rescue: Rescue) -> bool:
    """Whether the owner has objected since the approval, or has an open objection: somebody else may have the pass."""
    is_relevant = or_(col(Objection.made_at) >= rescue.approved_at, col(Objection.settled_at).is_(None))
    objected = select(Objection.objection_id).where(Objection.account_id == rescue.account_id, is_relevant)
    return session.exec(objected).first() is not None


def _lock(session: Session, request_id: str) -> Rescue:
    """The pass, locked after its account: every transaction locks in this order."""
    rescue = session.get(Rescue, request_id)
    if rescue is None:
        raise Unknown(f"no rescue pass {request_id}")
    accounts.lock(session, rescue.account_id)
    return session.get_one(Rescue, request_id, with_for_update=True, populate_existing=True)


def _journal(
    session: Session,
    rescue: Rescue,
    kind: EventKind,
    *,
    at: datetime,
    actor: Actor = Actor.STAFF,
    **detail: str,
) -> None:
    journal.append(
        session, rescue.account_id, kind, at=at, actor=actor, request_id=rescue.request_id, **detail
    )
