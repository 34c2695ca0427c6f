"""Writes the figures of adoption down for a meeting: Markdown to paste, CSV to calculate with, HTML to print."""

import csv
import io
from collections.abc import Callable, Iterator

from api.console.adoption_view import AdoptionView, headline
from domain.words.console_words import ADOPTION_CURVES
from offramp.reports.report_formats import ReportFormat


def write(shown: AdoptionView, report_format: ReportFormat, *, service: str) -> str:
    """The report as a text."""
    return _WRITERS[report_format](shown, service)


def _markdown(shown: AdoptionView, service: str) -> str:
    figures = shown.figures
    return "\n".join(
        [
            f"# Adoption of passkeys at {service}: {shown.scope}",
            "",
            f"{figures.at:%Y-%m-%d %H:%M} UTC, {len(figures.days)} days. {' '.join(headline(shown))}",
            *_table("How far people are", ["step", "people", "share"], _steps(shown)),
            *_table("Text-message codes", ["state", "people", "share"], _shares(shown, "sms")),
            *_table("Stuck, for each reason", ["reason", "people", "share"], _shares(shown, "stuck")),
            *_table("From asking to being in", ["by", "median", "half of them", "sign-ins"], _times(shown)),
            *_table("Day by day", _DAY_TITLES, _days(shown)),
            "",
        ]
    )


def _csv(shown: AdoptionView, _service: str) -> str:
    """One number a row, so that any spreadsheet can make its own tables of it."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["figure", "day", "name", "value"])
    figures = shown.figures
    for name in ("accounts", "held_out", "started", "stuck_people"):
        writer.writerow(["accounts", figures.at.date(), name, getattr(figures, name)])
    for name, counts in (("steps", figures.steps), ("sms", figures.sms), ("stuck", figures.stuck)):
        for what, count in counts.items():
            writer.writerow([name, figures.at.date(), what, count])
    for method, spread in figures.sign_in_times.items():
        for name in ("lower", "median", "upper"):
            row = ["sign_in_seconds", figures.at.date(), f"{method}_{name}", round(getattr(spread, name), 3)]
            writer.writerow(row)
    for day in figures.days:
        for name in (*ADOPTION_CURVES, "by_passkey", "by_sms", "otherwise"):
            kind = "people" if name in ADOPTION_CURVES else "sign_ins"
            writer.writerow([kind, day.date, name, getattr(day, name)])
    return text.getvalue()


def _html(shown: AdoptionView, service: str) -> str:
    from api.console.adoption_pages import standalone  # the pages' templates, which nothing else needs

    return standalone(shown, service=service)


_WRITERS: dict[ReportFormat, Callable[[AdoptionView, str], str]] = {
    ReportFormat.MARKDOWN: _markdown,
    ReportFormat.CSV: _csv,
    ReportFormat.HTML: _html,
}

_DAY_TITLES = ["day", *ADOPTION_CURVES.values(), "sign-ins by passkey", "by SMS code", "otherwise"]


def _table(title: str, titles: list[str], rows: Iterator[list[str]]) -> Iterator[str]:
    """A section with a table; without rows there is none."""
    written = [f"| {' | '.join(row)} |" for row in rows]
    if written:
        yield from (
            "",
            f"## {title}",
            "",
            f"| {' | '.join(titles)} |",
            f"|{' --- |' * len(titles)}",
            *written,
        )


def _steps(shown: AdoptionView) -> Iterator[list[str]]:
    for share in (shown.on_the_way, *shown.steps):
        yield [share.label, f"{share.count:,}", f"{share.percent:.1f} %"]


def _shares(shown: AdoptionView, name: str) -> Iterator[list[str]]:
    for share in getattr(shown, name):
        yield [share.label, f"{share.count:,}", f"{share.percent:.1f} %"]


def _times(shown: AdoptionView) -> Iterator[list[str]]:
    for row in shown.times:
        spread = row.spread
        half = f"{spread.lower:.1f} to {spread.upper:.1f} s"
        yield [row.label, f"{spread.median:.1f} s", half, f"{spread.sample:,}"]


def _days(shown: AdoptionView) -> Iterator[list[str]]:
    for day in shown.figures.days:
        counts = [getattr(day, name) for name in (*ADOPTION_CURVES, "by_passkey", "by_sms", "otherwise")]
        yield [day.date.isoformat(), *(f"{count:,}" for count in counts)]
