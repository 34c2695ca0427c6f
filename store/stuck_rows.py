"""The list of who is stuck as rows of a file; contacts are left out, not masked."""

from collections.abc import Iterator
from datetime import datetime

from sqlmodel import Session

from store import stuck
from store.found import Found
from store.stuck import Filters

COLUMNS = (
    "external_id",
    "account_id",
    "reason",
    "since",
    "said",
    "where",
    "other_reasons",
    "milestone",
    "sms",
    "cohort",
    "wave",
    "policy",
    "progress_at",
)
_FORMULAS = ("=", "+", "-", "@", "\t", "\r")


def rows(session: Session, filters: Filters, *, now: datetime) -> Iterator[tuple[str, ...]]:
    """A header, then everybody of the list, the longest stuck first."""
    yield COLUMNS
    for person in stuck.each(session, filters, now=now):
        yield tuple(_harmless(cell) for cell in _cells(person))


def _cells(person: Found) -> tuple[str, ...]:
    first, *others = person.hurdles
    return (
        person.external_id,
        person.account_id,
        first.obstacle,
        first.since.isoformat(),
        first.said,
        first.where,
        " ".join(hurdle.obstacle for hurdle in others),
        person.milestone or "",
        person.sms,
        person.cohort or "",
        "" if person.wave is None else str(person.wave + 1),
        person.policy or "",
        person.progress_at.isoformat() if person.progress_at else "",
    )


def _harmless(cell: str) -> str:
    """A spreadsheet would carry out what begins like a formula, and ids are the host's to choose."""
    return f"'{cell}" if cell.startswith(_FORMULAS) else cell
