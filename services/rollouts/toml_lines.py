"""Finds the line of a TOML text on which a key or a list's value is written, so that mistakes are marked there."""

import re
from bisect import bisect_right
from collections.abc import Iterable
from contextlib import suppress

from services.rollouts.toml_tables import NotToml, read_toml

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_SCALAR = re.compile(r"[^,\]}#\n]*")
_STRINGS = (
    re.compile(r'"""(?:[^\\]|\\.)*?"""("{0,2})', re.DOTALL),
    re.compile(r"'''.*?'''('{0,2})", re.DOTALL),
    re.compile(r'"(?:[^"\\]|\\.)*"'),
    re.compile(r"'[^']*'"),
)
_LINE = re.compile(r"line (\d+)")
_LAST_STEP = re.compile(r"\[\d+\]$|\.[^.\[]*$")


def lines_of(text: str, places: Iterable[str]) -> list[int]:
    """The line, from 1, of each place, `waves[0].percent` or `line 3, column 4`; of what is missing, its table's."""
    lines: dict[str, int] = {}
    with suppress(NotToml):
        read_toml(text)  # the scan is for what is TOML, and has ends
        lines = _Scan(text).lines
    return [_line_of(place, lines) for place in places]


def _line_of(place: str, lines: dict[str, int]) -> int:
    if named := _LINE.match(place):
        return int(named[1])
    while place and place not in lines:
        shorter = _LAST_STEP.sub("", place)
        place = shorter if shorter != place else ""
    return lines.get(place, 1)


class _Scan:
    """Walks through a text that is valid TOML, and notes on which line each place begins."""

    def __init__(self, text: str) -> None:
        self.lines: dict[str, int] = {}
        self._text = text
        self._at = 0
        self._breaks = [matched.start() for matched in re.finditer("\n", text)]
        self._tables: dict[str, int] = {}
        self._document()

    def _document(self) -> None:
        table = ""
        while self._skip():
            if self._takes("[["):
                table = self._header("]]", is_list=True)
            elif self._takes("["):
                table = self._header("]", is_list=False)
            else:
                self._pair(table)

    def _header(self, end: str, *, is_list: bool) -> str:
        place, names = "", self._key()
        for number, name in enumerate(names):
            place = f"{place}.{name}" if place else name
            if is_list and number == len(names) - 1:
                self._tables[place] = self._tables.get(place, -1) + 1
            if place in self._tables:
                place = f"{place}[{self._tables[place]}]"
        self._note(place)
        self._takes(end)
        return place

    def _pair(self, table: str) -> None:
        start = self._at
        place = ".".join(filter(None, (table, *self._key())))
        self._note(place, at=start)
        self._takes("=")
        self._skip()
        self._value(place)

    def _value(self, place: str) -> None:
        if self._takes("["):
            self._list(place)
        elif self._takes("{"):
            while self._skip() and not self._takes("}"):
                if not self._takes(","):
                    self._pair(place)
        elif not self._string():
            self._at = self._match(_SCALAR)

    def _list(self, place: str) -> None:
        number = 0
        while self._skip() and not self._takes("]"):
            if self._takes(","):
                number += 1
            else:
                self._note(f"{place}[{number}]")
                self._value(f"{place}[{number}]")

    def _key(self) -> list[str]:
        names = []
        while True:
            self._skip()
            start = self._at
            if self._string():
                names.append(self._text[start + 1 : self._at - 1])
            else:
                self._at = self._match(_BARE_KEY)
                names.append(self._text[start : self._at])
            self._skip()
            if not self._takes("."):
                return names

    def _string(self) -> bool:
        for form in _STRINGS:
            if matched := form.match(self._text, self._at):
                self._at = matched.end()
                return True
        return False

    def _skip(self) -> bool:
        """Go to the next character that means something; False at the end."""
        self._at = self._match(_BLANK)
        return self._at < len(self._text)

    def _takes(self, token: str) -> bool:
        is_next = self._text.startswith(token, self._at)
        self._at += len(token) if is_next else 0
        return is_next

    def _match(self, form: re.Pattern[str]) -> int:
        matched = form.match(self._text, self._at)
        return matched.end() if matched else self._at

    def _note(self, place: str, *, at: int | None = None) -> None:
        self.lines.setdefault(place, bisect_right(self._breaks, self._at if at is None else at) + 1)
