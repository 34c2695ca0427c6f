"""Reads the description of a cohort that is named on the command line."""

from domain.rollouts.cohorts import InvalidCohort
from offramp.opening import opened_file
from offramp.views.terminal import Exit, fail
from services.rollouts.cohort_files import parse

_LARGEST_FILE = 1 << 20


def description_of(file: str) -> str:
    """The description in a file or standard input. Ends the command as wrong usage if it has mistakes."""
    description = _content(file)
    try:
        parse(description)
    except InvalidCohort as invalid:
        mistakes = [f"  {place}: {problem}" for place, problem in invalid.problems]
        count = "1 mistake" if len(mistakes) == 1 else f"{len(mistakes)} mistakes"
        fail("\n".join([f"{file} describes no cohort, for {count}:", *mistakes]), Exit.USAGE)
    return description


def _content(file: str) -> str:
    try:
        with opened_file(file) as opened:
            content = opened.read(_LARGEST_FILE + 1)
        if len(content) > _LARGEST_FILE:
            fail(f"{file} is larger than 1 MiB", Exit.USAGE)
        return content.decode("utf-8-sig")
    except OSError as error:
        fail(f"{file} cannot be read: {error.strerror}", Exit.USAGE)
    except UnicodeDecodeError as error:
        fail(f"{file} is not UTF-8 (byte {error.start + 1})", Exit.USAGE)
