"""Seals each finished day of the journal, so that a later change of an entry, or its loss, shows."""

from collections.abc import Iterator
from datetime import date
from itertools import takewhile

from domain.evidence import chains
from domain.evidence.chains import DayLink
from domain.evidence.entries import NEWEST_RULE, EntryRecord, leaf
from domain.evidence.trees import HashTree
from domain.ports import Clock
from store import Database, Session
from store.evidence import days, entries, marks
from store.evidence.marks import JournalMark


class DaySealer:
    """Seals days for one process. Of several processes that seal a day at once, the first one's link stays."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._mark: JournalMark | None = None

    def seal_due(self) -> int:
        """Seal every day that is over and whose entries are all there; returns how many.

        A transaction that was under way at midnight is waited for: the next call looks again.
        """
        mark = self._complete_mark()
        sealed = 0
        if mark is None:
            return sealed
        while self._seal_next(mark):
            sealed += 1
        return sealed

    def _complete_mark(self) -> JournalMark | None:
        """Up to where the journal is complete; None if no day is due, or something is still under way."""
        if self._mark is None:
            with self._database.reading() as session:
                newest = days.newest(session)
            if newest and newest.day >= chains.newest_sealable(self._clock()):
                return None
            with self._database.transaction() as session:
                self._mark = marks.take(session, at=self._clock())
        with self._database.reading() as session:
            if not marks.is_complete(session, self._mark):
                return None
        mark, self._mark = self._mark, None
        return mark

    def _seal_next(self, mark: JournalMark) -> bool:
        with self._database.reading() as session:
            link_and_leaves = _next(session, mark)
        if link_and_leaves is None:
            return False
        link, leaves = link_and_leaves
        with self._database.transaction() as session:
            days.add(session, link, leaves, at=self._clock())
        return True


def leaves_of(session: Session, before: DayLink | None, link: DayLink) -> bytes:
    """The digests of a sealed day's entries as they are now."""
    after = before.last_entry_id if before else 0
    day_entries = entries.between(session, after, link.last_entry_id)
    return b"".join(leaf(entry.lasting(link.rule)) for entry in day_entries)


def _next(session: Session, mark: JournalMark) -> tuple[DayLink, bytes] | None:
    """The link of the next day, and the digests of its entries; None if no day is due."""
    before = days.newest(session)
    after = before.last_entry_id if before else 0
    first = next(entries.between(session, after, mark.entry_id), None)
    if before is None and first is None:
        return None
    day = chains.following(before, first.at if first else mark.at)
    if day > chains.newest_sealable(mark.at):
        return None
    hashed, last_entry_id = bytearray(), after
    for entry in _within(entries.between(session, after, mark.entry_id), day):
        hashed += leaf(entry.lasting(NEWEST_RULE))
        last_entry_id = entry.entry_id
    leaves = bytes(hashed)
    tree = HashTree(leaves)
    link = chains.linked(
        before, day=day, rule=NEWEST_RULE, last_entry_id=last_entry_id, entries=tree.size, root=tree.root
    )
    return link, leaves


def _within(behind: Iterator[EntryRecord], day: date) -> Iterator[EntryRecord]:
    """The entries up to the first one of a later day; what was written behind that belongs to a later day."""
    end = chains.end_of(day)
    return takewhile(lambda entry: entry.at < end, behind)
