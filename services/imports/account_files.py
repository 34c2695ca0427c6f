"""Reads files of accounts, CSV or NDJSON, record by record. After a bad line, the next lines are still read."""

import json
from collections.abc import Iterator
from enum import StrEnum
from typing import Any, BinaryIO

from services.imports.csv_records import csv_records
from services.imports.file_lines import BadLine, Line, lines_of
from services.imports.file_records import Columns, FileRecord


class FileFormat(StrEnum):
    """How a file of accounts is written."""

    CSV = "csv"
    NDJSON = "ndjson"


class WithoutPlus(StrEnum):
    """What a file's numbers are that begin with neither a plus nor a zero."""

    NATIONAL = "national"
    INTERNATIONAL = "international"


def records(file: BinaryIO, file_format: FileFormat, columns: Columns) -> Iterator[FileRecord | BadLine]:
    """The file's accounts, in order. Raises UnreadableFile if the file as a whole cannot be read."""
    lines = lines_of(file)
    if file_format is FileFormat.NDJSON:
        return ndjson_records(lines, columns)
    return csv_records(lines, columns)


def ndjson_records(lines: Iterator[Line | BadLine], columns: Columns) -> Iterator[FileRecord | BadLine]:
    """The accounts of lines that each hold one JSON object."""
    for line in lines:
        if isinstance(line, BadLine):
            yield line
        elif line.text.strip():
            yield _object(line, columns)


def _object(line: Line, columns: Columns) -> FileRecord | BadLine:
    try:
        fields = json.loads(line.text, parse_constant=_no_constant, object_pairs_hook=_named_once)
    except _NamedTwice:
        return BadLine(line=line.number, reason="two fields have the same name")
    except (ValueError, RecursionError):
        return BadLine(line=line.number, reason="the line is not JSON")
    if not isinstance(fields, dict):
        return BadLine(line=line.number, reason="the line is not a JSON object")
    if strange := [name for name in fields if columns.named(name) is None]:
        return BadLine(line=line.number, reason=f"unknown field {strange[0]!r}")
    named = {str(columns.named(name)): value for name, value in fields.items()}
    if len(named) < len(fields):
        return BadLine(line=line.number, reason="two fields have the same name")
    return FileRecord(line=line.number, fields=named)


class _NamedTwice(Exception):
    """An object has two values under one name, and nobody knows which one is meant."""


def _named_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise _NamedTwice
    return fields


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
