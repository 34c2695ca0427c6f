"""Finds what is wrong in an operator's own messages before anybody is written to; each mistake names its place."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from domain.facts import Channel
from domain.messages.messages import Template
from domain.messages.samples import REMINDERS, SAMPLES
from domain.messages.texted import begins_a_bound_line
from providers.templates import FALLBACK, LAYOUT, TemplateFile, Templates, canonical, read
from providers.wording import LABELS, LAYOUT_NAMES, OPTIONAL, REQUIRED, layout_environment, plain_environment
from providers.wording_flaws import flaws, nearest

_PROSE = (".md", ".txt")
_LATER = re.compile(r"[2-9]|[1-9][0-9]+")
_LINK = re.compile(r"https?:|www\.", re.IGNORECASE)
_KEPT = {
    "link": "the button",
    "code": "the code",
    "objection_link": 'the way to say "this wasn\'t me"',
    "stop_link": "the way to end reminders",
}


def problems(own: Path) -> list[str]:
    """What would fail when sending, or would never be used: file, line or part, and what is wrong there."""
    if not own.is_dir():
        return [f"{own} is no directory"]
    mistakes = [mistake for entry in _visible(own) for mistake in _entry(entry)]
    return [f"{own / place}: {problem}" for place, problem in mistakes]


def _entry(entry: Path) -> Iterator[tuple[str, str]]:
    if entry.is_dir():
        yield from _language(entry)
    elif entry.name == "layout.html":
        yield from _layout(entry)
    elif entry.suffix not in _PROSE:
        yield entry.name, "is not used; beside layout.html there is a directory for each language"


def _language(directory: Path) -> Iterator[tuple[str, str]]:
    tag = canonical(directory.name)
    if tag != directory.name:
        yield (
            directory.name,
            f"must be called {tag}" if tag else "must be called after a language, like de or de-AT",
        )
        return
    for file in _visible(directory):
        for place, problem in _file(file):
            yield f"{tag}/{file.name}{place}", problem
    labels = Templates(directory.parent).find(LAYOUT, tag)
    if labels.locale == FALLBACK and tag.split("-")[0] != FALLBACK:
        yield f"{tag}/{LAYOUT}.toml", "is missing: the words around every e-mail would be English"


def _file(file: Path) -> Iterator[tuple[str, str]]:
    names = [LAYOUT, *Template]
    if file.suffix == ".toml" and file.stem in names:
        try:
            yield from _page(read(file))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            yield "", f"{error}"
    elif file.suffix not in _PROSE:
        suggestion = nearest(file.name, [f"{name}.toml" for name in names])
        yield "", f"is not used; {suggestion or '`offramp messages list` names the templates'}"


def _page(page: TemplateFile) -> Iterator[tuple[str, str]]:
    channels = Templates().find(page.path.stem, FALLBACK).channels
    for name in page.sections:
        if name not in channels:
            yield f", [{name}]", f"is not used; there is {_sections(channels)}"
    for channel in channels:
        section = page.sections.get(channel)
        if isinstance(section, dict):
            yield from _section(page, channel, section)
        else:
            yield "", f"has no section [{channel}]"


def _section(page: TemplateFile, channel: Channel, section: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name in _parts(page, channel)[0]:
        if name not in section:
            yield f", [{channel}]", f"{name} is missing"
    for name, part in section.items():
        if not isinstance(part, dict):
            yield from _part(page, channel, str(channel), name, part)
        elif page.path.stem in REMINDERS and _LATER.fullmatch(name):
            for inner_name, inner_part in part.items():
                yield from _part(page, channel, f"{channel}.{name}", inner_name, inner_part)
        else:
            yield f", [{channel}.{name}]", "is not used; only reminders are numbered, and from 2"


def _part(
    page: TemplateFile, channel: Channel, section: str, name: str, part: Any
) -> Iterator[tuple[str, str]]:
    place = f", [{section}] {name}"
    required, optional = _parts(page, channel)
    names = [*required, *optional]
    if name not in names:
        yield place, f"is not used; {nearest(name, names) or 'there are ' + ', '.join(names)}"
    elif not isinstance(part, str):
        yield place, "must be text in quotation marks"
    else:
        for flaw in flaws(part, plain_environment(), _values(page, channel)):
            yield _line(page, part, flaw.line) + place, flaw.problem
        if channel is Channel.SMS and _LINK.search(part):
            yield place, "has a link; a text message has none, for people must not learn to follow them"
        if channel is Channel.SMS and any(map(begins_a_bound_line, part.splitlines())):
            yield (
                place,
                "has a line that begins with @; the one that phones read the code from is added to each code",
            )


def _layout(file: Path) -> Iterator[tuple[str, str]]:
    environment = layout_environment(file.parent)
    sample: dict[str, object] = {name: f"sample of {name}" for name in LAYOUT_NAMES}
    sample["paragraphs"] = ["one", "two"]
    try:
        source = file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        yield file.name, f"{error}"
        return
    bare = sample | dict.fromkeys((*OPTIONAL[Channel.EMAIL], "objection_link", "stop_link"), "")
    layout_flaws = list(flaws(source, environment, sample)) or list(flaws(source, environment, bare))
    for flaw in layout_flaws:
        yield f"{file.name}, line {flaw.line}" if flaw.line else file.name, flaw.problem
    if not layout_flaws:
        html = environment.from_string(source).render(sample)
        for name, purpose in _KEPT.items():
            if f"sample of {name}" not in html:
                yield file.name, f"{name} is missing: {purpose}"


def _parts(page: TemplateFile, channel: Channel) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if page.path.stem == LAYOUT:
        return LABELS, ()
    return REQUIRED[channel], OPTIONAL[channel]


def _values(page: TemplateFile, channel: Channel) -> Mapping[str, str]:
    values = {"service": "Example"} if channel is Channel.SMS else {"service": "Example", "origin": "origin"}
    return values if page.path.stem == LAYOUT else values | SAMPLES[Template(page.path.stem)]


def _line(page: TemplateFile, part: str, line: int | None) -> str:
    """The place of a part's line in its file, which TOML's own reader does not tell."""
    if line is None or not (words := part.splitlines()[line - 1].strip()):
        return ""
    lines = page.path.read_text(encoding="utf-8").splitlines()
    number = next((number for number, text in enumerate(lines, start=1) if words in text), None)
    return f", line {number}" if number else ""


def _sections(channels: list[Channel]) -> str:
    return " and ".join(f"[{channel}]" for channel in channels)


def _visible(directory: Path) -> list[Path]:
    return sorted(path for path in directory.iterdir() if not path.name.startswith("."))
