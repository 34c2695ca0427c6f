"""How commands speak: the answer on standard output, the rest on standard error, and exit codes with a meaning."""

import json
import sys
from dataclasses import asdict, is_dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any, NoReturn

import typer
from rich.console import Console
from rich.text import Text

from domain.words import moments

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)


class Exit(IntEnum):
    """What the exit code of a command means."""

    OK = 0
    NOT_WELL = 1
    USAGE = 2
    UNREACHABLE = 3


def fail(message: str, code: Exit) -> NoReturn:
    """End the command: one or two lines on standard error, and the code."""
    err.print(Text.assemble(("offramp: ", "bold red"), message), soft_wrap=True)
    raise typer.Exit(code)


def note(message: str) -> None:
    """Say something that is not the answer."""
    err.print(Text(message), soft_wrap=True)


def print_text(text: str) -> None:
    """The answer as it is, for a file: without colours, and never broken to the width of the terminal."""
    sys.stdout.write(text)


def print_json(answer: Any) -> None:
    """The answer for machines: one JSON document."""
    sys.stdout.write(json_text(answer))


def json_text(answer: Any) -> str:
    """That document as text, with a line end."""
    return json.dumps(answer, default=_plain, ensure_ascii=False, indent=2) + "\n"


def print_json_line(answer: Any) -> None:
    """One of many answers for machines: one JSON document on its line."""
    sys.stdout.write(json.dumps(answer, default=_plain, ensure_ascii=False) + "\n")


def moment(at: datetime) -> str:
    """An instant, in the terminal's own time zone, which it names by its offset."""
    return moments.stamp(at.astimezone())


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    return str(value)
