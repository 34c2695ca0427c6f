"""Counts what happened on whole days. A day that is over does not change any more, so it is counted once."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from domain.journal import EventKind
from store import Session
from store.figures import adoption_days

SETTLED_AFTER = timedelta(hours=1)
"""How long after midnight a day is kept: entries of the last transactions before it may still appear until then."""

_MOST_DAYS = 32


@dataclass(kw_only=True)
class DayCounts:
    """How often each kind of entry was written on each day, in UTC."""

    kinds: Collection[EventKind]
    _kept: dict[date, Counter[EventKind]] = field(default_factory=dict)

    def of(self, session: Session, dates: Sequence[date], *, now: datetime) -> list[Counter[EventKind]]:
        """The counts of some days that follow each other, the oldest first."""
        missing = [day for day in dates if day not in self._kept]
        counted = self._count(session, missing) if missing else {}
        self._keep({day: counts for day, counts in counted.items() if _is_settled(day, now)})
        return [counted[day] if day in counted else self._kept[day] for day in dates]

    def _count(self, session: Session, dates: Sequence[date]) -> dict[date, Counter[EventKind]]:
        days: dict[date, Counter[EventKind]] = {day: Counter() for day in dates}
        for (day, kind), count in adoption_days.happened(session, dates, self.kinds).items():
            if day in days:
                days[day][kind] = count
        return days

    def _keep(self, settled: dict[date, Counter[EventKind]]) -> None:
        # Replaced, and never changed, because several threads read it.
        together = self._kept | settled
        self._kept = {day: together[day] for day in sorted(together)[-_MOST_DAYS:]}


def _is_settled(day: date, now: datetime) -> bool:
    return now >= datetime.combine(day + timedelta(days=1), time(), UTC) + SETTLED_AFTER
