"""Lifts a hold of a slice by an operator's word: the prompt comes back to these people at once."""

from datetime import datetime

import structlog

from domain.rollouts.slice_holds import SliceHold
from domain.staff.staff import AuditKind, Author
from services.container import Services
from store import Session
from store.rollouts import cohorts, slice_holds
from store.staff import audit

log = structlog.get_logger()


def lift(services: Services, author: Author, cohort_id: str, hold_id: str, *, reason: str) -> SliceHold:
    """Lift a hold from the console, and keep that in the audit. Raises Unknown, Refused."""
    now = services.clock()
    with services.database.transaction() as session:
        hold = lift_in(session, cohort_id, hold_id, by=author.signature, reason=reason, at=now)
        kind = AuditKind.ROLLOUT_ORDERED
        detail = {"command": "lift_slice", "slice": str(hold.slice)}
        audit.append(session, author, kind, at=now, cohort_id=cohort_id, reason=reason, **detail)
    return hold


def lift_in(
    session: Session, cohort_id: str, hold_id: str, *, by: str, reason: str, at: datetime
) -> SliceHold:
    """Lift a hold within a transaction, and write it into the cohort's journal. Raises Unknown, Refused."""
    hold = slice_holds.end(session, cohort_id, hold_id, by=by, at=at)
    what = f"{hold.metric} for {hold.slice}"
    cohorts.note(session, cohort_id, "slice_lifted", by=by, reason=reason, at=at, slice=what)
    log.info("slice_lifted", cohort_id=cohort_id, metric=hold.metric, slice=str(hold.slice))
    return hold
