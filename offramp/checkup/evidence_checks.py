"""Says whether each finished day of the journal is sealed, and whether the rows are still what was sealed."""

from collections.abc import Iterator
from datetime import datetime

from domain.evidence import chains
from domain.evidence.chains import DayLink
from offramp.checkup.findings import Finding, unwell, well
from services.evidence import chain_checks
from store import Session
from store.evidence import entries

COMPARED_ENTRIES = 50_000
"""So many of the newest sealed entries are compared; `offramp evidence check` compares all of them."""

_NAME = "journal_chain"
_SHOWN = 3


def evidence_findings(session: Session, *, now: datetime) -> Iterator[Finding]:
    """Whether the chain matches the rows, and whether it lags."""
    check = chain_checks.check(session, most_entries=COMPARED_ENTRIES)
    if check.faults:
        said = "; ".join(f"{fault.day}: {fault.says}" for fault in check.faults[:_SHOWN])
        yield unwell(_NAME, f"{said}. Somebody has changed what must not change: docs/evidence.md")
        return
    first = next(entries.between(session, 0, entries.EVERY), None)
    if first is None:
        yield well(_NAME, "the journal has no entry yet")
        return
    if late := _late(check.newest, first.at, now=now):
        yield unwell(_NAME, f"{late} is over and not sealed: does a worker run?")
        return
    days = "1 day is" if check.days == 1 else f"{check.days} days are"
    compared = f"the newest {check.compared} agree with their entries"
    yield well(_NAME, f"{days} sealed; {compared}")


def _late(newest: DayLink | None, first_at: datetime, *, now: datetime) -> str:
    """The day that ought to be sealed by now; empty if there is none."""
    day = chains.following(newest, first_at)
    return str(day) if chains.end_of(day) + chains.LATE_AFTER < now else ""
