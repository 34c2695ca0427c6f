"""`offramp report`: the figures of adoption, for a meeting."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from api.console.adoption_view import view
from domain.errors import Unknown
from offramp.opening import opened_database, read_settings
from offramp.reports.adoption_reports import ReportFormat, write
from offramp.views.terminal import Exit, fail, note
from offramp.wiring import clock
from store import Session
from store.figures import adoption
from store.rollouts import cohorts

_MOST_DAYS = 366


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(report)


def report(
    *,
    report_format: Annotated[
        ReportFormat, typer.Option("--format", help="Markdown, CSV, or an HTML file that needs nothing else.")
    ] = ReportFormat.MARKDOWN,
    cohort: Annotated[str, typer.Option(help="Of this cohort alone, by its name.")] = "",
    days: Annotated[int, typer.Option(min=1, max=_MOST_DAYS, help="How many days to look back.")] = 30,
    output: Annotated[Path | None, typer.Option(help="Write into this file.", dir_okay=False)] = None,
) -> None:
    """Write how far everybody has come, how that went day by day, and how people sign in.

    Example: `offramp report --format html --output adoption.html`
    """
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
