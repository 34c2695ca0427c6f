"""Reads files of accounts, CSV or NDJSON, record by record. After a bad line, the next lines are still read."""

import csv
import json
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, BinaryIO

LONGEST_LINE = 64 * 1024
_MOST_LINES_PER_RECORD = 100
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_BOM = b"\xef\xbb\xbf"


class FileFormat(StrEnum):
    """How a file of accounts is written."""

    CSV = "csv"
    NDJSON = "ndjson"


class UnreadableFile(Exception):
    """Nothing in this file can be read as accounts; the message says why, and what to do."""


@dataclass(frozen=True, kw_only=True)
class FileRecord:
    """The fields of one account as they stand in the file, and the number of its first line."""

    line: int
    fields: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class BadLine:
    """A line that cannot be used, and why; the reason holds no personal data."""

    line: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class _Line:
    number: int
    text: str


def records(
    file: BinaryIO, file_format: FileFormat, *, is_known: Callable[[str], bool], required: tuple[str, ...]
) -> Iterator[FileRecord | BadLine]:
    """The file's accounts, in order. `is_known` says whether a file may have a column of this name.

    Raises UnreadableFile if the file as a whole cannot be read.
    """
    lines = _lines(file)
    if file_format is FileFormat.NDJSON:
        return _ndjson(lines, is_known)
    return _csv(lines, is_known, required)


def _lines(file: BinaryIO) -> Iterator[_Line | BadLine]:
    number = 0
    while raw := file.readline(LONGEST_LINE + 1):
        number += 1
        if number == 1:
            raw = _without_mark(raw)
        if len(raw) > LONGEST_LINE:
            _skip_rest(file, raw)
            yield BadLine(line=number, reason=f"the line is longer than {LONGEST_LINE // 1024} KiB")
        else:
            yield _decoded(number, raw)


def _without_mark(raw: bytes) -> bytes:
    if raw.startswith(_UTF16):
        raise UnreadableFile("the file is UTF-16; save it as UTF-8")
    return raw.removeprefix(_BOM)


def _skip_rest(file: BinaryIO, raw: bytes) -> None:
    while raw and not raw.endswith(b"\n"):
        raw = file.readline(LONGEST_LINE)


def _decoded(number: int, raw: bytes) -> _Line | BadLine:
    if b"\0" in raw:
        return BadLine(line=number, reason="the line contains a NUL byte")
    try:
        return _Line(number=number, text=raw.decode())
    except UnicodeDecodeError as error:
        return BadLine(line=number, reason=f"the line is not UTF-8 (byte {error.start + 1})")


def _ndjson(
    lines: Iterator[_Line | BadLine], is_known: Callable[[str], bool]
) -> Iterator[FileRecord | BadLine]:
    for line in lines:
        if isinstance(line, BadLine):
            yield line
        elif line.text.strip():
            yield _object(line, is_known)


def _object(line: _Line, is_known: Callable[[str], bool]) -> FileRecord | BadLine:
    try:
        fields = json.loads(line.text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return BadLine(line=line.number, reason="the line is not JSON")
    if not isinstance(fields, dict):
        return BadLine(line=line.number, reason="the line is not a JSON object")
    if strange := [name for name in fields if not is_known(name)]:
        return BadLine(line=line.number, reason=f"unknown field {strange[0]!r}")
    return FileRecord(line=line.number, fields=fields)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _csv(
    lines: Iterator[_Line | BadLine], is_known: Callable[[str], bool], required: tuple[str, ...]
) -> Iterator[FileRecord | BadLine]:
    header = next(lines, None)
    if header is None:
        raise UnreadableFile("the file is empty; its first line names the columns")
    if isinstance(header, BadLine):
        raise UnreadableFile(f"the first line names the columns, but {header.reason}")
    delimiter = _delimiter(header.text)
    columns = _columns(header.text, delimiter, is_known, required)
    return _rows(_Ahead(lines), columns, delimiter)


def _delimiter(header: str) -> str:
    """The most frequent separator of the header. In many countries spreadsheets write semicolons."""
    return max((",", ";", "\t"), key=header.count)


def _columns(
    header: str, delimiter: str, is_known: Callable[[str], bool], required: tuple[str, ...]
) -> list[str]:
    columns = [name.strip() for name in _cells(header, delimiter) or []]
    lacking = [name for name in required if name not in columns]
    if lacking:
        raise UnreadableFile(f"the first line must name the columns, and lacks {' and '.join(lacking)}")
    if strange := [name for name in columns if not is_known(name)]:
        raise UnreadableFile(
            f"unknown column {strange[0]!r}; what you want to keep as an attribute is called 'attr.{strange[0]}'"
        )
    if len(set(columns)) < len(columns):
        raise UnreadableFile("two columns have the same name")
    return columns


class _Ahead:
    """Lines that can be read before they are consumed."""

    def __init__(self, lines: Iterator[_Line | BadLine]) -> None:
        self._lines = lines
        self._peeked: deque[_Line | BadLine] = deque()

    def peek(self, distance: int) -> _Line | BadLine | None:
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


def _rows(ahead: _Ahead, columns: list[str], delimiter: str) -> Iterator[FileRecord | BadLine]:
    while (line := ahead.peek(0)) is not None:
        if isinstance(line, BadLine):
            ahead.skip(1)
            yield line
        elif not line.text.strip():
            ahead.skip(1)
        else:
            cells, length = _row(ahead, line, columns, delimiter)
            ahead.skip(length)
            if isinstance(cells, str):
                yield BadLine(line=line.number, reason=cells)
            else:
                yield FileRecord(line=line.number, fields=dict(zip(columns, cells, strict=True)))


def _row(ahead: _Ahead, line: _Line, columns: list[str], delimiter: str) -> tuple[list[str] | str, int]:
    """The cells of a row, or what is wrong with it, and how many lines it takes.

    A quoted cell may span several lines. If they do not make a good row, the first line counts as bad, as its
    quotation mark is probably a mistake, and the lines after it are read as rows of their own.
    """
    text = line.text
    for length in range(1, _MOST_LINES_PER_RECORD + 1):
        if text.count('"') % 2 == 0:
            cells = _cells(text, delimiter)
            if cells is not None and len(cells) == len(columns):
                return cells, length
            return _fault(cells, columns), 1
        following = ahead.peek(length)
        if not isinstance(following, _Line):
            break
        text += following.text
    return "a quotation mark is not closed", 1


def _cells(text: str, delimiter: str) -> list[str] | None:
    try:
        return next(csv.reader([text], delimiter=delimiter, strict=True))
    except csv.Error:
        return None


def _fault(cells: list[str] | None, columns: list[str]) -> str:
    if cells is None:
        return "a quotation mark is in the wrong place"
    return f"{len(cells)} columns where the first line names {len(columns)}"
