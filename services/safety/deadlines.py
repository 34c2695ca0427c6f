"""Ends disputes that nobody has decided in time, as it was announced when they began."""

from datetime import datetime

import structlog

from domain.errors import Refused
from services.safety import objections
from store import Database
from store.safety import objections as kept_objections

log = structlog.get_logger()


def settle_overdue(database: Database, *, now: datetime) -> None:
    """Settle the objections whose deadline has passed, each in a transaction of its own.

    One that would take the last way in stays open for support.
    """
    with database.reading() as session:
        overdue = kept_objections.overdue(session, now=now)
    for objection_id in overdue:
        try:
            with database.transaction() as session:
                objections.settle_overdue(session, objection_id, at=now)
            log.info("objection_lapsed", objection_id=objection_id)
        except Refused as refusal:
            log.warning("objection_stays_open", objection_id=objection_id, reason=str(refusal))
