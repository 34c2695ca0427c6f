"""Reads what the home page shows; what is counted over many rows is kept for a short time."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime

from domain.journal import EventKind
from domain.ports import Clock
from domain.words.moments import stamp
from domain.words.today_words import HAPPENED
from services.figures import today
from services.figures.rested_figures import RestedFigures
from services.figures.today import Today
from store import Database
from store.desk import stuck_census
from store.figures import adoption_days


@dataclass(kw_only=True)
class TodayFigures:
    """The home page's content for many readers."""

    database: Database
    clock: Clock
    _days: RestedFigures[tuple[date, ...], list[Counter[EventKind]]] = field(init=False)
    _stuck: RestedFigures[None, int] = field(init=False)

    def __post_init__(self) -> None:
        self._days = RestedFigures(count=self._count_days)
        self._stuck = RestedFigures(count=self._count_stuck)

    def read(self, when: Callable[[datetime], str] = stamp) -> Today:
        """What there is now; `when` puts an instant into words."""
        now = self.clock()
        days, stuck = self._days.of(tuple(today.dates(now))), self._stuck.of(None)
        with self.database.reading() as session:
            return today.read(session, days=days, stuck=stuck, now=now, when=when)

    def _count_days(self, dates: tuple[date, ...]) -> list[Counter[EventKind]]:
        """The counts of each day. What a host tells of later still counts for its own day."""
        days: dict[date, Counter[EventKind]] = {day: Counter() for day in dates}
        with self.database.reading() as session:
            for (day, kind), count in adoption_days.happened(session, dates, tuple(HAPPENED)).items():
                days[day][kind] = count
        return list(days.values())

    def _count_stuck(self, _: None) -> int:
        with self.database.reading() as session:
            hindered = stuck_census.take(session, now=self.clock())
        return sum(group.accounts for group in hindered if group.is_weightiest)
