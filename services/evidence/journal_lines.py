"""The journal's lines of a pack: each entry with its day, its place in it, and its path to the day's root."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from domain.evidence.chains import DayLink
from domain.evidence.entries import NEWEST_RULE, EntryRecord, leaf
from domain.evidence.packs import EvidenceRefused, PackKind, PackSubject
from domain.evidence.trees import HashTree, index_of
from store import Session
from store.evidence import days, entries


class JournalChanged(EvidenceRefused):
    """An entry is not what it was when its day was sealed, so no pack can show that it is."""


@dataclass(frozen=True, kw_only=True)
class PlacedEntry:
    """One entry as it is hashed. `day` is None while its day is not sealed: then only the pack's signature holds it."""

    entry: dict[str, Any]
    day: date | None
    index: int | None
    path: list[str]


def lines(
    session: Session, subject: PackSubject, links: list[DayLink], *, up_to: int
) -> Iterator[PlacedEntry]:
    """The entries about a pack's accounts in the order of their numbers. Raises JournalChanged."""
    after = 0
    for link in links:
        yield from _of_day(session, link, _entries(session, subject, after, link.last_entry_id))
        after = link.last_entry_id
    for entry in _entries(session, subject, after, up_to):
        yield PlacedEntry(entry=entry.lasting(NEWEST_RULE), day=None, index=None, path=[])


def _of_day(session: Session, link: DayLink, of_day: Iterator[EntryRecord]) -> Iterator[PlacedEntry]:
    tree, leaves, place = None, b"", 0
    for entry in of_day:
        if tree is None:
            leaves = days.leaves(session, link.day)
            tree = HashTree(leaves)
        lasting = entry.lasting(link.rule)
        found_place = index_of(leaves, leaf(lasting), since=place)
        if found_place is None:
            raise JournalChanged(
                f"entry {entry.entry_id} of the journal is not what it was when {link.day} was sealed: "
                "`offramp evidence check` says more"
            )
        place = found_place
        path = [sibling.hex() for sibling in tree.path(place)]
        yield PlacedEntry(entry=lasting, day=link.day, index=place, path=path)


def _entries(session: Session, subject: PackSubject, after: int, up_to: int) -> Iterator[EntryRecord]:
    of_subject = entries.of_cohort if subject.kind is PackKind.COHORT else entries.of_account
    return of_subject(session, subject.subject_id, after, up_to)
