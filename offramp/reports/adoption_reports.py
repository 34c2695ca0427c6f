"""Writes the figures of adoption down for a meeting: Markdown to paste, CSV to calculate with, HTML to print."""

import csv
import io
from collections.abc import Callable, Iterator

from api.console.adoption_view import AdoptionView, headline
from domain.words.adoption_words import Population
from domain.words.console_words import ADOPTION_CURVES
from domain.words.moments import stamp
from offramp.reports import attempt_sections
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
            f"{stamp(figures.at)}, {len(figures.days)} days. {' '.join(headline(view))}",
            *_held_out(view),
            *_table("How far people are", view.moving, ["step", "now", "share now", "ever"], _steps(view)),
            *_table("Text-message codes", view.moving, ["state", "people", "share"], _shares(view, "sms")),
            *_table(
                "Stuck, for each reason", view.watched, ["reason", "people", "share"], _shares(view, "stuck")
            ),
            *_table("From asking to being in", view.watched, _TIME_TITLES, _times(view)),
            *_attempts(view),
            *_table(
                "Day by day: how far people are", view.moving, ["day", *ADOPTION_CURVES.values()], _days(view)
            ),
            *_table("Day by day: sign-ins", view.watched, _SIGN_IN_TITLES, _sign_ins(view)),
            "",
        ]
    )


def _attempts(view: AdoptionView) -> Iterator[str]:
    for table in attempt_sections.tables(view.attempts):
        yield from _table(table.title, view.watched, table.titles, table.rows)


def _csv(view: AdoptionView, _service: str) -> str:
    """One number per row with whom it is about, so that any spreadsheet can make its own tables."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["figure", "day", "name", "value", "of"])
    today = view.figures.at.date()
    for figure, name, value, of in _numbers_now(view):
        writer.writerow([figure, today, name, value, of.name])
    for figure, name, count in attempt_sections.numbers(view.figures.attempts):
        writer.writerow([figure, today, name, count, view.watched.name])
    for day in view.figures.days:
        for name in ADOPTION_CURVES:
            writer.writerow(["people", day.date, name, getattr(day, name), view.moving.name])
        for name in _SIGN_INS:
            writer.writerow(["sign_ins", day.date, name, getattr(day, name), view.watched.name])
    return text.getvalue()


def _numbers_now(view: AdoptionView) -> Iterator[tuple[str, str, float, Population]]:
    """Every number that is no day's: its figure, its name, itself, and whom it is about."""
    figures = view.figures
    for name, of in (("accounts", view.in_scope), ("held_out", view.in_scope), ("started", view.in_scope)):
        yield "accounts", name, getattr(figures, name), of
    yield "accounts", "watched", figures.watched, view.watched
    yield "accounts", "stuck_people", figures.stuck_people, view.watched
    for step, count in figures.steps.items():
        yield "steps", step, count, view.moving
    for state, count in figures.sms.items():
        yield "sms", state, count, view.moving
    for obstacle, count in figures.stuck.items():
        yield "stuck", obstacle, count, view.watched
    for method, spread in figures.sign_in_times.items():
        for name in ("lower", "median", "upper"):
            yield "sign_in_seconds", f"{method}_{name}", round(getattr(spread, name), 3), view.watched


def _html(view: AdoptionView, service: str) -> str:
    from api.console.adoption_pages import standalone  # only this report needs the pages' templates

    return standalone(view, service=service)


_WRITERS: dict[ReportFormat, Callable[[AdoptionView, str], str]] = {
    ReportFormat.MARKDOWN: _markdown,
    ReportFormat.CSV: _csv,
    ReportFormat.HTML: _html,
}

_SIGN_INS = ("by_passkey", "by_sms", "otherwise")
_SIGN_IN_TITLES = ["day", "by passkey", "by SMS code", "otherwise"]
_TIME_TITLES = ["by", "median", "half of them", "sign-ins"]


def _held_out(view: AdoptionView) -> Iterator[str]:
    held_out = view.figures.held_out
    if held_out:
        is_or_are = "is" if held_out == 1 else "are"
        yield from ("", f"Of {view.in_scope}, {held_out:,} {is_or_are} held out to compare with.")


def _table(title: str, of: Population, titles: list[str], rows: Iterator[list[str]]) -> Iterator[str]:
    """The lines of a section with a table, and whom it is about; none without rows."""
    lines = [f"| {' | '.join(row)} |" for row in rows]
    if lines:
        yield from (
            "",
            f"## {title}",
            "",
            f"Of {of}.",
            "",
            f"| {' | '.join(titles)} |",
            f"|{' --- |' * len(titles)}",
            *lines,
        )


def _steps(view: AdoptionView) -> Iterator[list[str]]:
    start = view.on_the_way
    yield [start.label, f"{start.count:,}", f"{start.percent:.1f} % of {view.in_scope.name}", ""]
    for share in view.steps:
        ever = "" if share.ever is None else f"{share.ever:,}"
        yield [share.label, f"{share.count:,}", f"{share.percent:.1f} %", ever]


def _shares(view: AdoptionView, name: str) -> Iterator[list[str]]:
    for share in getattr(view, name):
        yield [share.label, f"{share.count:,}", f"{share.percent:.1f} %"]


def _times(view: AdoptionView) -> Iterator[list[str]]:
    for row in view.times:
        spread = row.spread
        half = f"{spread.lower:.1f} to {spread.upper:.1f} s"
        yield [row.label, f"{spread.median:.1f} s", half, f"{spread.sample:,}"]


def _days(view: AdoptionView) -> Iterator[list[str]]:
    for day in view.days:
        yield [day.date.isoformat(), *(f"{getattr(day, name):,}" for name in ADOPTION_CURVES)]


def _sign_ins(view: AdoptionView) -> Iterator[list[str]]:
    for day in view.days:
        yield [day.date.isoformat(), *(f"{getattr(day, name):,}" for name in _SIGN_INS)]
