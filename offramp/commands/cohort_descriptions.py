"""Reads the description of a cohort that is named on the command line."""

import sys
from pathlib import Path

from domain.rollouts.cohorts import Cohort, InvalidCohort
from offramp.views.terminal import Exit, fail
from services.rollouts.cohort_files import parse

_LARGEST_FILE = 1 << 20
_STANDARD_INPUT = "-"


def described(file: str) -> Cohort:
    """The cohort that a file or standard input describes. Ends the command as wrong usage if it has mistakes."""
    try:
        return parse(_content(file))
    except InvalidCohort as invalid:
        mistakes = [f"  {place}: {problem}" for place, problem in invalid.problems]
        count = "1 mistake" if len(mistakes) == 1 else f"{len(mistakes)} mistakes"
        fail("\n".join([f"{file} describes no cohort, for {count}:", *mistakes]), Exit.USAGE)


def _content(file: str) -> str:
    try:
        if file == _STANDARD_INPUT:
            content = sys.stdin.buffer.read(_LARGEST_FILE + 1)
        else:
            with Path(file).open("rb") as opened:
                content = opened.read(_LARGEST_FILE + 1)
        if len(content) > _LARGEST_FILE:
            fail(f"{file} is larger than 1 MiB", Exit.USAGE)
        return content.decode("utf-8-sig")
    except OSError as error:
        fail(f"{file} cannot be read: {error.strerror}", Exit.USAGE)
    except UnicodeDecodeError as error:
        fail(f"{file} is not UTF-8 (byte {error.start + 1})", Exit.USAGE)
