"""The list of who is stuck as rows of a file; contacts are left out, not masked."""

from collections.abc import Iterator
from datetime import datetime

from sqlmodel import Session

from domain.desk.stuck import Obstacle
from domain.desk.stuck_filters import Filters
from store.desk import stuck
from store.desk.list_rows import ListRow
from store.engine.spreadsheets import harmless

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


def rows(session: Session, filters: Filters, *, now: datetime) -> Iterator[tuple[str, ...]]:
    """A header, then everybody of the list, the longest stuck first."""
    yield COLUMNS
    for person in stuck.each(session, filters, now=now):
        yield harmless(_cells(person, filters.obstacle))


def _cells(person: ListRow, wanted: Obstacle | None) -> tuple[str, ...]:
    """The reason that was asked for comes first, or else the weightiest."""
    first, *others = sorted(person.hurdles, key=lambda hurdle: hurdle.obstacle is not wanted)
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
