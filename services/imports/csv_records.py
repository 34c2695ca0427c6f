"""Reads CSV as spreadsheets and programs of many countries write it. After a bad row, the next rows are still read."""

import csv
import re
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.imports.file_lines import BadLine, Line
from services.imports.file_records import Columns, FileRecord, UnreadableFile

_MOST_LINES_PER_RECORD = 100
_SEPARATORS = (",", ";", "\t")
_STATED_SEPARATOR = re.compile(r"\"?sep=([^\w\"\r\n])\"?\s*", re.IGNORECASE)
"""The first line by which a file tells Excel what separates its cells."""

_TEXT_FORMULA = re.compile(r"=\"(.*)\"", re.DOTALL)
"""The formula by which a program keeps a spreadsheet from making a number of a text, like `="007"`."""


@dataclass(frozen=True, kw_only=True)
class _Header:
    """The columns' names, None for a column without one, and what separates cells."""

    names: Sequence[str | None]
    delimiter: str


def csv_records(lines: Iterator[Line | BadLine], columns: Columns) -> Iterator[FileRecord | BadLine]:
    """The rows of a file, by its columns' names. Raises UnreadableFile if its first line does not name the columns."""
    ahead = _Ahead(lines)
    delimiter = _stated_separator(ahead)
    return _rows(ahead, _header(ahead, delimiter, columns))


class _Ahead:
    """Lines that can be read before they are consumed."""

    def __init__(self, lines: Iterator[Line | BadLine]) -> None:
        self._lines = lines
        self._peeked: deque[Line | BadLine] = deque()

    def peek(self, distance: int) -> Line | BadLine | None:
        """The line that is `distance` lines away, or None beyond the end."""
        while len(self._peeked) <= distance:
            line = next(self._lines, None)
            if line is None:
                return None
            self._peeked.append(line)
        return self._peeked[distance]

    def skip(self, count: int) -> None:
        """Drop the next lines. The last of them must have been peeked at."""
        for _ in range(count):
            self._peeked.popleft()

    def skip_blank(self) -> None:
        """Drop the next lines as long as they are blank."""
        while isinstance(line := self.peek(0), Line) and not line.text.strip():
            self.skip(1)


def _stated_separator(ahead: _Ahead) -> str | None:
    ahead.skip_blank()
    first = ahead.peek(0)
    stated = _STATED_SEPARATOR.fullmatch(first.text) if isinstance(first, Line) else None
    if stated:
        ahead.skip(1)
        ahead.skip_blank()
    return stated[1] if stated else None


def _header(ahead: _Ahead, delimiter: str | None, columns: Columns) -> _Header:
    line = ahead.peek(0)
    if line is None:
        raise UnreadableFile("the file is empty; its first line names the columns")
    if isinstance(line, BadLine):
        raise UnreadableFile(f"the first line names the columns, but {line.reason}")
    text, length = _joined(ahead, line) or (line.text, 1)
    ahead.skip(length)
    delimiter = delimiter or max(_SEPARATORS, key=text.count)
    spelled = [name.strip() for name in _cells(text, delimiter) or []]
    return _Header(names=_names(spelled, columns), delimiter=delimiter)


def _names(spelled: Sequence[str], columns: Columns) -> Sequence[str | None]:
    """The columns' names. A spreadsheet leaves columns without a name where a cell was once filled."""
    names = [columns.named(name) for name in spelled]
    lacking = [name for name in columns.required if name not in names]
    if lacking:
        raise UnreadableFile(f"the first line must name the columns, and lacks {' and '.join(lacking)}")
    if strange := [text for text, name in zip(spelled, names, strict=True) if text and name is None]:
        raise UnreadableFile(
            f"unknown column {strange[0]!r}; what you want to keep as an attribute is called 'attr.{strange[0]}'"
        )
    named = [name for name in names if name]
    if len(set(named)) < len(named):
        raise UnreadableFile("two columns have the same name")
    return names


def _rows(ahead: _Ahead, header: _Header) -> Iterator[FileRecord | BadLine]:
    while (line := ahead.peek(0)) is not None:
        if isinstance(line, BadLine):
            ahead.skip(1)
            yield line
        elif not line.text.strip():
            ahead.skip(1)
        else:
            record, length = _row(ahead, line, header)
            ahead.skip(length)
            if record:
                yield record


def _row(ahead: _Ahead, line: Line, header: _Header) -> tuple[FileRecord | BadLine | None, int]:
    """The record of a row (None for empty cells only), or what is wrong with it, and how many lines it takes.

    A quoted cell may span several lines. If they do not make a good row, the first line counts as bad, as its
    quotation mark is probably a mistake, and the lines after it are read as rows of their own.
    """
    joined = _joined(ahead, line)
    if joined is None:
        return BadLine(line=line.number, reason="a quotation mark is not closed"), 1
    text, length = joined
    cells = _cells(text, header.delimiter)
    if cells is not None and not any(cell.strip() for cell in cells):
        return None, length
    if fault := _fault(cells, header.names):
        return BadLine(line=line.number, reason=fault), 1
    fields = {name: cell for name, cell in zip(header.names, cells or [], strict=True) if name}
    return FileRecord(line=line.number, fields=fields), length


def _joined(ahead: _Ahead, line: Line) -> tuple[str, int] | None:
    """The text from a line on until all its quotation marks are closed, and how many lines it takes."""
    text = line.text
    for length in range(1, _MOST_LINES_PER_RECORD + 1):
        if text.count('"') % 2 == 0:
            return text, length
        following = ahead.peek(length)
        if not isinstance(following, Line):
            break
        text += following.text
    return None


def _cells(text: str, delimiter: str) -> list[str] | None:
    try:
        cells = next(csv.reader([text], delimiter=delimiter, skipinitialspace=True, strict=True))
    except csv.Error:
        return None
    return [formula[1] if (formula := _TEXT_FORMULA.fullmatch(cell)) else cell for cell in cells]


def _fault(cells: Sequence[str] | None, names: Sequence[str | None]) -> str | None:
    if cells is None:
        return "a quotation mark is in the wrong place"
    if len(cells) != len(names):
        return f"{len(cells)} columns where the first line names {len(names)}"
    if any(cell.strip() and not name for name, cell in zip(names, cells, strict=True)):
        return "a cell stands in a column that has no name"
    return None
