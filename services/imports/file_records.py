"""What files of accounts are read into, whatever they are written as."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


class UnreadableFile(Exception):
    """Nothing in this file can be read as accounts; the message says why, and what to do."""


@dataclass(frozen=True, kw_only=True)
class FileRecord:
    """The fields of one account as they stand in the file, and the number of its first line."""

    line: int
    fields: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Columns:
    """Which columns a file may have. `named` gives the name of a column for any spelling of it, or None."""

    named: Callable[[str], str | None]
    required: tuple[str, ...]
