"""`offramp report`: the figures of adoption, for a meeting."""

import sys
from pathlib import Path

from api.console.adoption_view import view
from domain.errors import Unknown
from offramp.clock import clock
from offramp.opening import opened_database, read_settings
from offramp.reports.adoption_reports import write
from offramp.reports.report_formats import ReportFormat
from offramp.views.terminal import Exit, fail, note
from store import Session
from store.figures import adoption
from store.rollouts import cohorts


def report(report_format: ReportFormat, *, cohort: str, days: int, output: Path | None) -> None:
    """Write the figures into a file, or to standard output."""
    settings = read_settings()
    with opened_database(settings) as database, database.reading() as session:
        figures = adoption.read(session, now=clock(), days=days, cohort_id=_cohort_id(session, cohort))
    text = write(view(figures), report_format, service=settings.service_name)
    if output is None:
        sys.stdout.write(text)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        fail(f"{output} cannot be written: {error.strerror}", Exit.USAGE)
    note(f"Wrote {output}")


def _cohort_id(session: Session, name: str) -> str | None:
    if not name:
        return None
    row = cohorts.by_name(session, name)
    if row is None:
        raise Unknown(f"no cohort {name}")
    return row.cohort_id
