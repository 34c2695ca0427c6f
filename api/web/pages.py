"""Renders pages: Jinja templates with the values that all of them need, and dates in the person's time zone."""

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zlib import crc32
from zoneinfo import ZoneInfo

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from domain.words import console_words, desk_words, moments
from domain.words.cohort_pace_words import cohort_pace_words
from domain.words.durations import duration
from services.container import Services

_CODE = re.compile(r"\b\d{6}\b")
_INSTANT = re.compile(r"\{\{(\d{4}-[0-9T:.+-]+)\}\}")
_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent.parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def page(
    request: Request,
    template: str,
    *,
    status: int = 200,
    headers: dict[str, str] | None = None,
    **values: Any,
) -> HTMLResponse:
    """A page. A value that the template lacks is an error, and not a blank (`StrictUndefined`)."""
    services: Services = request.app.state.services
    shared_values = {
        "service": services.site.service_name,
        "account_page": services.site.account_page,
        "is_orchestrated": services.site.is_orchestrated,
        "now": services.clock(),
        "path": request.url.path,
        "is_development": services.is_development,
        "has_inbox": bool(services.inbox),
        "way_back": getattr(request.state, "way_back", ""),
        "kept_form": getattr(request.state, "kept_form", None),
    }
    return HTMLResponse(render(template, **shared_values | values), status_code=status, headers=headers)


def render(template: str, **values: Any) -> str:
    """The text of a template with these values alone."""
    return _TEMPLATES.get_template(template).render(values)


def go_to(path: str) -> RedirectResponse:
    """Send the browser on to a page of ours by GET."""
    return RedirectResponse(path, status_code=303)


def _zone(name: str | None) -> ZoneInfo:
    return ZoneInfo(name or "UTC")


def _date(day: date) -> str:
    """ "3 August 2026"."""
    return f"{day.day} {day:%B %Y}"


def _day(at: datetime, zone: str | None) -> str:
    """ "3 August 2026", where the person is."""
    local = at.astimezone(_zone(zone))
    return f"{local.day} {local:%B %Y}"


def _moment(at: datetime, zone: str | None) -> str:
    """ "3 August 2026, 14:05", where the person is."""
    return f"{_day(at, zone)}, {at.astimezone(_zone(zone)):%H:%M}"


def _when(at: datetime, now: datetime, zone: str | None) -> str:
    """ "today", "yesterday", else the day."""
    gone = now.astimezone(_zone(zone)).date() - at.astimezone(_zone(zone)).date()
    named = {timedelta(0): "today", timedelta(days=1): "yesterday"}
    return named.get(gone) or f"on {_day(at, zone)}"


def _due(at: datetime, now: datetime, zone: str | None) -> str:
    """When something comes: the day; within two days also the minute."""
    return _day(at, zone) if at - now > timedelta(days=2) else _moment(at, zone)


def _codes(text: str) -> list[str]:
    """The six-digit codes in a text, each once."""
    return list(dict.fromkeys(_CODE.findall(text)))


def instant(at: datetime) -> str:
    """An instant inside a sentence, for `with_times` to show in the reader's own time zone."""
    return f"{{{{{at.isoformat()}}}}}"


@pass_context
def _with_times(context: Context, sentence: str) -> Markup:
    """A sentence, escaped, with every instant as an element."""
    parts = _INSTANT.split(sentence)
    shown = (
        _time_element(context, datetime.fromisoformat(part)) if number % 2 else escape(part)
        for number, part in enumerate(parts)
    )
    return Markup("").join(shown)


@pass_context
def _time_element(context: Context, at: datetime) -> Markup:
    """An instant as an element: in UTC, until the page's script shows it in the reader's time zone."""
    now = context.get("now")
    return Markup('<time datetime="{}" data-local{}>{}</time>').format(
        at.astimezone(UTC).isoformat(timespec="seconds"),
        Markup(" data-year") if moments.needs_year(at, now) else "",
        moments.moment(at, now),
    )


def _digest(content: str) -> str:
    """A short digest of a part of a page, by which its script sees that the part has changed."""
    return f"{crc32(content.encode()):08x}"


_TEMPLATES.filters |= {
    "when": _when,
    "due": _due,
    "date": _date,
    "moment": _moment,
    "codes": _codes,
    "with_times": _with_times,
    "time": _time_element,
    "digest": _digest,
    "duration": duration,
    "deed": console_words.deed,
    "age": desk_words.age,
    "pace_words": cohort_pace_words,
}
_TEMPLATES.globals |= {"words": console_words, "desk": desk_words}
