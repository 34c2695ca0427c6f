"""Whether what a pack says fits together: the chain of days, each entry's place in its day, and the counts of lines."""

import json
from collections.abc import Iterator
from itertools import pairwise
from typing import Any
from zipfile import ZipFile

from pydantic import TypeAdapter, ValidationError

from domain.evidence import chains
from domain.evidence.chains import DayLink
from domain.evidence.entries import leaf
from domain.evidence.packs import CHAIN, JOURNAL, PackFault, PackFlaw
from domain.evidence.trees import root_of

_LINK: TypeAdapter[DayLink] = TypeAdapter(DayLink)


def content_faults(archive: ZipFile, about: dict[str, Any]) -> Iterator[PackFault]:
    """What does not fit together in a pack whose files are all as they were signed."""
    yield from _count_faults(archive, about)
    try:
        links = [_LINK.validate_json(line) for line in _lines(archive, CHAIN)]
    except ValidationError:
        yield PackFault(flaw=PackFlaw.BROKEN_CHAIN, file=CHAIN, says="a line is no day")
        return
    for fault in chains.faults(links):
        yield PackFault(flaw=PackFlaw.BROKEN_CHAIN, file=CHAIN, says=f"{fault.day}: {fault.says}")
    yield from _entry_faults(archive, links)


def _count_faults(archive: ZipFile, about: dict[str, Any]) -> Iterator[PackFault]:
    for name, count in about["lines"].items():
        there = sum(1 for _ in _lines(archive, name))
        if there != count:
            says = f"it has {there} lines, and was written with {count}"
            yield PackFault(flaw=PackFlaw.WRONG_COUNT, file=name, says=says)


def _entry_faults(archive: ZipFile, links: list[DayLink]) -> Iterator[PackFault]:
    firsts = {link.day.isoformat(): before.last_entry_id for before, link in pairwise(links)}
    if links:
        firsts[links[0].day.isoformat()] = 0
    by_day = {link.day.isoformat(): link for link in links}
    sealed_up_to, last_id = (links[-1].last_entry_id if links else 0), 0
    for number, line in enumerate(_lines(archive, JOURNAL), start=1):
        try:
            placed = json.loads(line)
            entry_id = int(placed["entry"]["entry_id"])
            is_sound = (
                _is_in_its_day(placed, by_day[placed["day"]], after=firsts[placed["day"]])
                if placed["day"] is not None
                else entry_id > sealed_up_to
            )
        except (ValueError, KeyError, TypeError):
            is_sound, entry_id = False, last_id + 1
        if not is_sound:
            says = f"line {number}: the entry is not in the day that it names"
            yield PackFault(flaw=PackFlaw.BROKEN_ENTRY, file=JOURNAL, says=says)
        if entry_id <= last_id:
            says = f"line {number}: entry {entry_id} comes behind {last_id}"
            yield PackFault(flaw=PackFlaw.WRONG_ORDER, file=JOURNAL, says=says)
        last_id = entry_id


def _is_in_its_day(placed: dict[str, Any], link: DayLink, *, after: int) -> bool:
    path = [bytes.fromhex(sibling) for sibling in placed["path"]]
    root = root_of(leaf(placed["entry"]), path, index=placed["index"], size=link.entries)
    is_within = after < placed["entry"]["entry_id"] <= link.last_entry_id
    return is_within and root is not None and root.hex() == link.root


def _lines(archive: ZipFile, name: str) -> Iterator[bytes]:
    with archive.open(name) as file:
        yield from file
