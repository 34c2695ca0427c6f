"""Closes what support has open about an account that is deleted or erased: objections, requests, rescue passes."""

from datetime import datetime
from typing import Any

from sqlmodel import Session, col, update

from domain.journal import Actor
from domain.recovery import StopReason
from domain.staff.approvals import Decision
from store.safety import recoveries
from store.safety.objections import Objection
from store.safety.rescues import Rescue
from store.staff.staff_requests import StaffRequest

BY_HOST = "host"


def close_all(session: Session, account_id: str, *, at: datetime) -> None:
    """Settle objections without an outcome, withdraw requests, stop passes: there is nobody left to decide about."""
    _close(session, Objection, account_id, Objection.settled_at, settled_at=at, settled_by=BY_HOST)
    _close(
        session, StaffRequest, account_id, StaffRequest.decided_at, decided_at=at, decision=Decision.WITHDRAWN
    )
    _close(session, Rescue, account_id, Rescue.stopped_at, stopped_at=at)
    recoveries.stop_all(session, account_id, StopReason.DELETED, at=at, actor=Actor.SYSTEM)
    recoveries.forget_browsers(session, account_id)


def _close(session: Session, table: Any, account_id: str, is_over: Any, **columns: Any) -> None:
    is_open = (table.account_id == account_id, col(is_over).is_(None))
    session.execute(update(table).where(*is_open).values(**columns))
