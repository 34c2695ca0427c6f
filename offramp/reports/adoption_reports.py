"""Writes the figures of adoption down for a meeting: Markdown to paste, CSV to calculate with, HTML to print."""

import csv
import io
from collections.abc import Callable, Iterator

from api.console.adoption_view import AdoptionView, headline
from domain.words.console_words import ADOPTION_CURVES
from offramp.reports.report_formats import ReportFormat


def write(view: AdoptionView, report_format: ReportFormat, *, service: str) -> str:
    """The report as a text."""
    return _WRITERS[report_format](view, service)


def _markdown(view: AdoptionView, service: str) -> str:
    figures = view.figures
    return "\n".join(
        [
            f"# Adoption of passkeys at {service}: {view.scope}",
            "",
            f"{figures.at:%Y-%m-%d %H:%M} UTC, {len(figures.days)} days. {' '.join(headline(view))}",
            *_table("How far people are", ["step", "people", "share"], _steps(view)),
            *_table("Text-message codes", ["state", "people", "share"], _shares(view, "sms")),
            *_table("Stuck, for each reason", ["reason", "people", "share"], _shares(view, "stuck")),
            *_table("From asking to being in", ["by", "median", "half of them", "sign-ins"], _times(view)),
            *_table("Day by day", _DAY_TITLES, _days(view)),
            "",
        ]
    )


def _csv(view: AdoptionView, _service: str) -> str:
    """One number per row, so that any spreadsheet can make its own tables."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["figure", "day", "name", "value"])
    figures = view.figures
    for name in ("accounts", "held_out", "started", "stuck_people"):
        writer.writerow(["accounts", figures.at.date(), name, getattr(figures, name)])
    for name, counts in (("steps", figures.steps), ("sms", figures.sms), ("stuck", figures.stuck)):
        for entry, count in counts.items():
            writer.writerow([name, figures.at.date(), entry, count])
    for method, spread in figures.sign_in_times.items():
        for name in ("lower", "median", "upper"):
            row = ["sign_in_seconds", figures.at.date(), f"{method}_{name}", round(getattr(spread, name), 3)]
            writer.writerow(row)
    for day in figures.days:
        for name in (*ADOPTION_CURVES, "by_passkey", "by_sms", "otherwise"):
            kind = "people" if name in ADOPTION_CURVES else "sign_ins"
            writer.writerow([kind, day.date, name, getattr(day, name)])
    return text.getvalue()


def _html(view: AdoptionView, service: str) -> str:
    from api.console.adoption_pages import standalone  # only this report needs the pages' templates

    return standalone(view, service=service)


_WRITERS: dict[ReportFormat, Callable[[AdoptionView, str], str]] = {
    ReportFormat.MARKDOWN: _markdown,
    ReportFormat.CSV: _csv,
    ReportFormat.HTML: _html,
}

_DAY_TITLES = ["day", *ADOPTION_CURVES.values(), "sign-ins by passkey", "by SMS code", "otherwise"]


def _table(title: str, titles: list[str], rows: Iterator[list[str]]) -> Iterator[str]:
    """The lines of a section with a table; none without rows."""
    lines = [f"| {' | '.join(row)} |" for row in rows]
    if lines:
        yield from (
            "",
            f"## {title}",
            "",
            f"| {' | '.join(titles)} |",
            f"|{' --- |' * len(titles)}",
            *lines,
        )


def _steps(view: AdoptionView) -> Iterator[list[str]]:
    for share in (view.on_the_way, *view.steps):
        yield [share.label, f"{share.count:,}", f"{share.percent:.1f} %"]


def _shares(view: AdoptionView, name: str) -> Iterator[list[str]]:
    for share in getattr(view, name):
        yield [share.label, f"{share.count:,}", f"{share.percent:.1f} %"]


def _times(view: AdoptionView) -> Iterator[list[str]]:
    for row in view.times:
        spread = row.spread
        half = f"{spread.lower:.1f} to {spread.upper:.1f} s"
        yield [row.label, f"{spread.median:.1f} s", half, f"{spread.sample:,}"]


def _days(view: AdoptionView) -> Iterator[list[str]]:
    for day in view.figures.days:
        counts = [getattr(day, name) for name in (*ADOPTION_CURVES, "by_passkey", "by_sms", "otherwise")]
        yield [day.date.isoformat(), *(f"{count:,}" for count in counts)]
