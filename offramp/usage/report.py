"""`offramp report`."""

from pathlib import Path
from typing import Annotated

import typer

from offramp.reports.report_formats import ReportFormat
from offramp.usage.groups import Usage

_MOST_DAYS = 366

app = Usage()


@app.command()
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
    from offramp.commands import report as command

    command.report(report_format, cohort=cohort, days=days, output=output)
