"""Reads a host's list of accounts and whether text-message codes are on or off there: NDJSON, line by line."""

import json
from collections.abc import Callable, Iterator
from typing import BinaryIO

from domain.host.comparing import ListedState
from services.imports.file_lines import BadLine, Line, lines_of

_STATES = {"on": False, "off": True}


def listed_states(content: BinaryIO, *, refuse: Callable[[BadLine], None]) -> Iterator[ListedState]:
    """The accounts of a list; a line that cannot be used is refused with its reason, and the rest is read."""
    for line in lines_of(content):
        if isinstance(line, Line) and not line.text.strip():
            continue
        state = line if isinstance(line, BadLine) else _read(line)
        if isinstance(state, BadLine):
            refuse(state)
        else:
            yield state


def _read(line: Line) -> ListedState | BadLine:
    try:
        said = json.loads(line.text)
    except (ValueError, RecursionError):
        return BadLine(line=line.number, reason="the line is no JSON")
    if not isinstance(said, dict):
        return BadLine(line=line.number, reason="the line is no JSON object")
    external_id, sms = said.get("external_id"), said.get("sms")
    if not isinstance(external_id, str) or not external_id or not _can_be_kept(external_id):
        return BadLine(line=line.number, reason="external_id is missing or no text")
    if not isinstance(sms, str) or sms not in _STATES:
        return BadLine(line=line.number, reason='sms is neither "on" nor "off"')
    return ListedState(line=line.number, external_id=external_id, is_off=_STATES[sms])


def _can_be_kept(text: str) -> bool:
    """Whether databases take it: no NUL, and no half of a character, which JSON can write as `\\ud800`."""
    try:
        return b"\0" not in text.encode()
    except UnicodeEncodeError:
        return False
