"""Finds message templates by language: `<locale>/<template>.toml`, an operator's own file before Offramp's."""

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from domain.facts import Channel

MESSAGES = Path(__file__).parent.parent / "messages"
FALLBACK = "en"
LAYOUT = "layout"
"""The file with a language's words around every e-mail; `layout.html`, beside the languages, is the look of all."""

_TAG = re.compile(r"[a-z]{2,3}(-[a-z0-9]{1,8})*", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class TemplateFile:
    """One file, read; `locale` is the language that it is in."""

    path: Path
    locale: str
    sections: dict[str, Any]

    @property
    def channels(self) -> list[Channel]:
        """The channels that it has words for."""
        return [channel for channel in Channel if channel in self.sections]

    @property
    def ordinals(self) -> list[int]:
        """The reminders that have words of their own, from 1."""
        return sorted(
            {1, *(number for channel in self.channels for number in _later(self.sections[channel]))}
        )

    def parts(self, channel: Channel, ordinal: int = 1) -> dict[str, str]:
        """The parts of a channel: a later reminder holds only what differs from earlier ones. Raises KeyError."""
        section = self.sections[channel]
        parts = {name: part for name, part in section.items() if isinstance(part, str)}
        for number in _later(section):
            parts |= section[str(number)] if number <= ordinal else {}
        return parts


class Templates:
    """All files that both directories hold when it is made; to find later files, make a new one."""

    def __init__(self, own: Path | None = None) -> None:
        self.own = own
        self._paths = {
            (path.parent.name, path.stem): path
            for directory in (MESSAGES, own)
            if directory
            for path in directory.glob("*/*.toml")
        }
        self._read = lru_cache(maxsize=None)(read)

    def find(self, name: str, locale: str) -> TemplateFile:
        """The file of a template in the nearest language that has it. Raises KeyError."""
        for tag in fallbacks(locale):
            if path := self._paths.get((tag, name)):
                return self._read(path)
        raise KeyError(name)

    def locales(self, name: str) -> list[str]:
        """The languages that have a template, the fallback first."""
        tags = {locale for locale, stem in self._paths if stem == name}
        return sorted(tags, key=lambda locale: (locale != FALLBACK, locale))

    def overridden(self, name: str) -> list[str]:
        """The languages in which the operator's own file is used."""
        return [tag for tag in self.locales(name) if self.own and self.own in self._paths[tag, name].parents]


def read(path: Path) -> TemplateFile:
    """Read one file. Raises tomllib.TOMLDecodeError."""
    return TemplateFile(
        path=path, locale=path.parent.name, sections=tomllib.loads(path.read_text(encoding="utf-8"))
    )


def fallbacks(locale: str) -> list[str]:
    """The languages to look in, nearest first: `de_at` is `de-AT`, then `de`, then English (RFC 4647, 3.4)."""
    tag = canonical(locale)
    subtags = tag.split("-") if tag else []
    nearer = ["-".join(subtags[:length]) for length in range(len(subtags), 0, -1)]
    return [*nearer, FALLBACK]


def canonical(locale: str) -> str | None:
    """A language tag as directories are named, like `de`, `de-AT` or `zh-Hant`; None if it is no tag."""
    tag = locale.replace("_", "-")
    if not _TAG.fullmatch(tag):
        return None
    language, *subtags = tag.split("-")
    return "-".join([language.lower(), *(_subtag(subtag) for subtag in subtags)])


def _subtag(subtag: str) -> str:
    match len(subtag):
        case 2:
            return subtag.upper()
        case 4 if subtag.isalpha():
            return subtag.title()
    return subtag.lower()


def _later(section: Any) -> list[int]:
    """The numbers of the reminders, other than the first, that a section has words for."""
    return sorted(int(name) for name, part in section.items() if isinstance(part, dict) and name.isdigit())
