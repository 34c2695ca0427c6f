"""`offramp doctor`: says whether all is well, and exits with 1 and the reasons when it is not."""

import typer
from rich.text import Text

from offramp.checkup.checkup import check
from offramp.checkup.findings import Diagnosis, Finding
from offramp.opening import make_database, read_settings
from offramp.views.terminal import Exit, out, print_json

_SIGNS = {
    Diagnosis.WELL: ("✓", "green"),
    Diagnosis.NOTE: ("!", "yellow"),
    Diagnosis.UNWELL: ("✗", "bold red"),
}


def doctor(*, as_json: bool) -> None:
    """Show each finding as soon as its check has ended."""
    settings = read_settings()
    database = make_database(settings)
    findings = []
    for finding in check(settings, database):
        findings.append(finding)
        if not as_json:
            _show(finding)
    database.close()
    well = all(finding.verdict is not Diagnosis.UNWELL for finding in findings)
    if as_json:
        print_json({"well": well, "findings": findings})
    raise typer.Exit(Exit.OK if well else Exit.NOT_WELL)


def _show(finding: Finding) -> None:
    sign, style = _SIGNS[finding.verdict]
    out.print(Text.assemble((sign, style), f" {finding.name}: ", (finding.detail, "")), soft_wrap=True)
