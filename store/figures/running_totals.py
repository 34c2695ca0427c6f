"""Totals of what has happened, by the journal. Each entry is read once; the next reading takes the new entries."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, func, or_, select
from sqlmodel import Session, col

from domain.counting import (
    BOUNDS,
    ENDED,
    HOLDOUT,
    NOBODY,
    STEPS,
    CountedEntry,
    Placement,
    Timing,
    Total,
    counts,
    leaves_at,
    timings,
    wave_name,
)
from domain.distributions import Distribution
from domain.journal import EventKind
from store.journeys.journeys import Journey
from store.people.journal import JournalEntry
from store.rollouts import cohorts
from store.rollouts.members import Member

BATCH = 2000

OVERTAKEN_FOR = timedelta(minutes=10)
"""How long an entry with a lower id may still appear: PostgreSQL numbers entries before their commit."""

_KINDS = frozenset(EventKind)
_Entry = Row[Any]


class RunningTotals:
    """Counts and durations since the beginning, as far as the journal has been read.

    They depend on the journal alone: they are the same after a restart, and in every process that reads the journal.
    The first reading reads the whole journal, a batch at a time.
    """

    def __init__(self) -> None:
        self.counts: dict[Total, Counter[tuple[str, ...]]] = {total: Counter() for total in Total}
        self.timings: dict[Timing, dict[tuple[str, ...], Distribution]] = {
            timing: defaultdict(lambda bounds=BOUNDS[timing]: Distribution(bounds))  # type: ignore[misc]
            for timing in Timing
        }
        self._last_id = 0
        self._skipped: dict[int, datetime] = {}

    def read(self, session: Session, *, now: datetime) -> bool:
        """Count the next BATCH entries; False when there are no more."""
        entries = self._next(session)
        places = _places(session, {entry.account_id for entry in entries})
        firsts, ends = _firsts(session, entries), _ends(session)
        for entry in entries:
            if entry.kind in _KINDS:
                self._take(_happened(entry, places, firsts, ends))
        self._note_skipped(entries, now=now)
        return len(entries) >= BATCH

    def _next(self, session: Session) -> Sequence[_Entry]:
        entry_id = col(JournalEntry.entry_id)
        is_new = entry_id > self._last_id
        is_wanted = or_(is_new, entry_id.in_(list(self._skipped))) if self._skipped else is_new
        columns = (
            entry_id,
            col(JournalEntry.account_id),
            col(JournalEntry.kind),
            col(JournalEntry.at),
            col(JournalEntry.detail),
        )
        return session.execute(select(*columns).where(is_wanted).order_by(entry_id).limit(BATCH)).all()

    def _take(self, happened: CountedEntry) -> None:
        for total, labels in counts(happened):
            self.counts[total][labels] += 1
        for timing, labels, seconds in timings(happened):
            self.timings[timing][labels].add(seconds)

    def _note_skipped(self, entries: Sequence[_Entry], *, now: datetime) -> None:
        """Remember the ids that were skipped a moment ago; in older gaps, the transaction was rolled back."""
        for entry in entries:
            self._skipped.pop(entry.entry_id, None)
            if entry.entry_id > self._last_id:
                if entry.at > now - OVERTAKEN_FOR and self._last_id:
                    missing_ids = range(max(self._last_id + 1, entry.entry_id - BATCH), entry.entry_id)
                    self._skipped |= dict.fromkeys(missing_ids, entry.at)
                self._last_id = entry.entry_id
        self._skipped = {entry_id: at for entry_id, at in self._skipped.items() if at > now - OVERTAKEN_FOR}


_Launch = tuple[str, int | None, datetime]


def _places(session: Session, account_ids: set[str]) -> dict[str, tuple[_Launch | None, str | None]]:
    """The launch of each account, and the cohort that holds it out; the first cohort if several do."""
    columns = (
        col(Member.account_id),
        col(Member.cohort_id),
        col(Member.wave),
        col(Member.launched_at),
        col(Member.held_out),
    )
    query = select(*columns).where(
        col(Member.account_id).in_(account_ids),
        or_(col(Member.launched_at).is_not(None), col(Member.held_out)),
    )
    places: dict[str, tuple[_Launch | None, str | None]] = {}
    for member in session.execute(query.order_by(col(Member.cohort_id).desc())):
        launch, holds_out = places.get(member.account_id, (None, None))
        if member.launched_at:
            launch = (member.cohort_id, member.wave, member.launched_at)
        if member.held_out:
            holds_out = member.cohort_id
        places[member.account_id] = (launch, holds_out)
    return places


def _ends(session: Session) -> dict[str, datetime]:
    """When cohorts leave the metrics, by id. It is known days before, so every reader counts an entry alike."""
    leaving = {row.cohort_id: leaves_at(cohorts.standing(row)) for row in cohorts.every(session)}
    return {cohort_id: at for cohort_id, at in leaving.items() if at}


def _firsts(session: Session, entries: Sequence[_Entry]) -> dict[int, timedelta]:
    """How long steps took since the journey began, by the id of the first entry of each step."""
    account_ids = {entry.account_id for entry in entries if entry.kind in STEPS}
    if not account_ids:
        return {}
    query = (
        select(func.min(JournalEntry.entry_id), func.min(JournalEntry.at), col(Journey.started_at))
        .join(Journey, col(Journey.account_id) == JournalEntry.account_id)
        .where(
            col(JournalEntry.account_id).in_(account_ids),
            col(JournalEntry.kind).in_(STEPS),
            col(JournalEntry.at) >= col(Journey.started_at),
        )
        .group_by(col(JournalEntry.account_id), col(JournalEntry.kind), col(Journey.started_at))
    )
    return {entry_id: at - started_at for entry_id, at, started_at in session.execute(query)}


def _happened(
    entry: _Entry,
    places: dict[str, tuple[_Launch | None, str | None]],
    firsts: dict[int, timedelta],
    ends: dict[str, datetime],
) -> CountedEntry:
    place = _place(entry.at, *places.get(entry.account_id, (None, None)))
    return CountedEntry(
        kind=EventKind(entry.kind),
        place=_unless_ended(place, entry.at, ends),
        took=firsts.get(entry.entry_id),
        detail=entry.detail,
    )


def _place(at: datetime, launch: _Launch | None, holds_out: str | None) -> Placement:
    if launch and launch[2] <= at:
        return Placement(cohort=launch[0], wave=wave_name(launch[1]))
    return Placement(cohort=holds_out, wave=HOLDOUT) if holds_out else Placement(cohort=NOBODY, wave=NOBODY)


def _unless_ended(place: Placement, at: datetime, ends: dict[str, datetime]) -> Placement:
    """What happens after a cohort has left counts elsewhere, so that no counter jumps when it leaves."""
    left_at = ends.get(place.cohort)
    return Placement(cohort=ENDED, wave=place.wave) if left_at and at >= left_at else place
