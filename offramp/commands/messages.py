"""`offramp messages`: shows what Offramp says to people, before it says it."""

from pathlib import Path

from rich.text import Text

from domain.facts import Channel
from domain.messages.messages import Template
from offramp.config.settings import NotConfigured, Settings
from offramp.opening import read_settings
from offramp.reports import message_previews
from offramp.reports.message_previews import Preview, TemplateLine
from offramp.views.tables import Listing
from offramp.views.terminal import Exit, fail, note, out, print_json
from providers.templates import canonical


def list_messages(*, as_json: bool) -> None:
    """List all messages."""
    entries = message_previews.entries(_sound_settings())
    if as_json:
        print_json(entries)
        return
    titles = ("template", "channels", "reminders", "languages", "your own")
    out.print(Listing(titles=titles, rows=[_cells(entry) for entry in entries]))


def preview(
    template: Template,
    *,
    locale: str,
    channel: Channel | None,
    ordinal: int,
    html: Path | None,
    force: bool,
    as_json: bool,
) -> None:
    """Show a message with sample values, and write its HTML."""
    settings = _sound_settings()
    shown = [
        message_previews.preview(settings, template, channel=one, locale=locale, ordinal=ordinal)
        for one in _channels(settings, template, locale, channel)
    ]
    written = _write(shown, html, force=force, by_default=not as_json)
    if as_json:
        print_json(shown)
    else:
        _print(shown)
    _remark(shown, locale, written)


def _cells(entry: TemplateLine) -> tuple[str, ...]:
    ordinals = entry.ordinals if len(entry.ordinals) > 1 else []
    lists = (entry.channels, map(str, ordinals), entry.locales, entry.overridden)
    return (entry.template, *(", ".join(names) for names in lists))


def _sound_settings() -> Settings:
    settings = read_settings()
    if problems := settings.message_problems():
        raise NotConfigured("\n".join(problems))
    return settings


def _channels(settings: Settings, template: Template, locale: str, wanted: Channel | None) -> list[Channel]:
    there = message_previews.channels(settings, template, locale)
    if wanted and wanted not in there:
        fail(f"{template} is not sent by {wanted}, only by {', '.join(there)}", Exit.USAGE)
    return [wanted] if wanted else there


def _write(shown: list[Preview], path: Path | None, *, force: bool, by_default: bool) -> Path | None:
    """Write the HTML, if there is any; a file that is there and says something else is kept, unless forced."""
    letter = next((one for one in shown if one.html), None)
    if letter is None and path is not None:
        fail("a text message has no HTML; leave --html out", Exit.USAGE)
    if letter is None or (path is None and not by_default):
        return None
    path = path or Path(_file_name(letter))
    if path.exists() and not force and path.read_bytes() != letter.html.encode():
        fail(f"{path} is there already: --force writes over it, --html writes to another file", Exit.USAGE)
    try:
        path.write_text(letter.html, encoding="utf-8")
    except OSError as error:
        fail(f"{path} cannot be written: {error.strerror}", Exit.USAGE)
    return path


def _file_name(letter: Preview) -> str:
    later = f".{letter.ordinal}" if letter.ordinal > 1 else ""
    return f"{letter.template}{later}.{letter.locale}.html"


def _print(shown: list[Preview]) -> None:
    for one in shown:
        out.print(Text(_heading(one), style="bold"))
        if one.subject:
            out.print(Text(f"Subject: {one.subject}\n"), soft_wrap=True)
        out.print(Text(f"{one.text.strip()}\n"), soft_wrap=True)


def _heading(one: Preview) -> str:
    if one.segments is None:
        return f"e-mail, {one.locale}"
    count = f"{one.segments.count} {'segment' if one.segments.count == 1 else 'segments'}"
    return f"text message, {one.locale}: {count}, {one.segments.units} characters of {one.segments.encoding}"


def _remark(shown: list[Preview], locale: str, written: Path | None) -> None:
    found = shown[0].locale
    if found.split("-")[0] != (canonical(locale) or "").split("-")[0]:
        note(f"There is no {locale} of it, so it is shown in {found}.")
    if any(one.segments and one.segments.count > 2 for one in shown):
        note("More than two segments: providers bill each, and some phones show them apart.")
    if written:
        note(f"The HTML is in {written}; open it in a browser.")
