"""The list of stuck people as rows of a file; contacts are left out, not masked."""

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
    """A header, then everybody in the list, the longest stuck first."""
    yield COLUMNS
    for person in stuck.each(session, filters, now=now):
        yield harmless(_cells(person, filters.obstacle))


def _cells(person: ListRow, wanted: Obstacle | None) -> tuple[str, ...]:
    """The wanted obstacle comes first; without one, the weightiest."""
    first_hurdle, *other_hurdles = sorted(person.hurdles, key=lambda hurdle: hurdle.obstacle is not wanted)
    return (
        person.external_id,
        person.account_id,
        first_hurdle.obstacle,
        first_hurdle.since.isoformat(),
        first_hurdle.said,
        first_hurdle.where,
        " ".join(hurdle.obstacle for hurdle in other_hurdles),
        person.milestone or "",
        person.sms,
        person.cohort or "",
        "" if person.wave is None else str(person.wave + 1),
        person.policy or "",
        person.progress_at.isoformat() if person.progress_at else "",
    )
