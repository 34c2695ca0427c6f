"""`offramp messages`: shows the messages that Offramp sends to people."""

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
    previews = [
        message_previews.preview(settings, template, channel=each_channel, locale=locale, ordinal=ordinal)
        for each_channel in _channels(settings, template, locale, channel)
    ]
    html_file = _write(previews, html, force=force, by_default=not as_json)
    if as_json:
        print_json(previews)
    else:
        _print(previews)
    _remark(previews, locale, html_file)


def _cells(entry: TemplateLine) -> tuple[str, ...]:
    ordinals = entry.ordinals if len(entry.ordinals) > 1 else []
    lists = (entry.channels, map(str, ordinals), entry.locales, entry.overridden)
    return (entry.template, *(", ".join(names) for names in lists))


def _sound_settings() -> Settings:
    settings = read_settings()
    if problems := settings.message_problems():
        raise NotConfigured("\n".join(problems))
    return settings


def _channels(settings: Settings, template: Template, locale: str, channel: Channel | None) -> list[Channel]:
    channels = message_previews.channels(settings, template, locale)
    if channel and channel not in channels:
        fail(f"{template} is not sent by {channel}, only by {', '.join(channels)}", Exit.USAGE)
    return [channel] if channel else channels


def _write(previews: list[Preview], path: Path | None, *, force: bool, by_default: bool) -> Path | None:
    """Write the HTML of an e-mail; returns the file, or None. Only `force` writes over a file with other content."""
    letter = next((entry for entry in previews if entry.html), None)
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


def _print(previews: list[Preview]) -> None:
    for entry in previews:
        out.print(Text(_heading(entry), style="bold"))
        if entry.subject:
            out.print(Text(f"Subject: {entry.subject}\n"), soft_wrap=True)
        out.print(Text(f"{entry.text.strip()}\n"), soft_wrap=True)


def _heading(entry: Preview) -> str:
    if entry.segments is None:
        return f"e-mail, {entry.locale}"
    count = f"{entry.segments.count} {'segment' if entry.segments.count == 1 else 'segments'}"
    return f"text message, {entry.locale}: {count}, {entry.segments.units} characters of {entry.segments.encoding}"


def _remark(previews: list[Preview], locale: str, html_file: Path | None) -> None:
    shown_locale = previews[0].locale
    if shown_locale.split("-")[0] != (canonical(locale) or "").split("-")[0]:
        note(f"There is no {locale} of it, so it is shown in {shown_locale}.")
    if any(entry.segments and entry.segments.count > 2 for entry in previews):
        note("More than two segments: providers bill each, and some phones show them apart.")
    if html_file:
        note(f"The HTML is in {html_file}; open it in a browser.")
