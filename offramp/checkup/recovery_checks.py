"""Says whether people who get back in by themselves are let in when they were told."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from offramp.checkup.findings import Finding, unwell, well
from store import Session
from store.safety import recoveries

LATE_AFTER = timedelta(minutes=10)
"""How long after its moment a recovery that has not moved is late."""


def recovery_findings(session: Session, *, now: datetime) -> Iterator[Finding]:
    """How many recoveries are under way, or how many are late."""
    late_count = recoveries.count_late(session, before=now - LATE_AFTER)
    if late_count:
        yield unwell("recoveries", f"{late_count} should have opened or ended by now; is a worker running?")
        return
    counts = recoveries.count_by_stage(session)
    yield well("recoveries", f"{sum(counts.values())} under way, and none is late")
