"""Reads what the home page shows. What is counted over many rows is kept for a while, and whole days for good."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from domain.ports import Clock
from domain.words.moments import stamp
from domain.words.today_words import HAPPENED
from services.figures import today
from services.figures.day_counts import DayCounts
from services.figures.rested_figures import RestedFigures
from services.figures.today import Today
from store import Database
from store.desk import stuck_census


@dataclass(kw_only=True)
class TodayFigures:
    """The home page's content for many readers."""

    database: Database
    clock: Clock
    _days: DayCounts = field(default_factory=lambda: DayCounts(kinds=HAPPENED))
    _stuck: RestedFigures[None, int] = field(init=False)

    def __post_init__(self) -> None:
        self._stuck = RestedFigures(count=self._count_stuck)

    def read(self, when: Callable[[datetime], str] = stamp) -> Today:
        """What there is now; `when` puts an instant into words."""
        stuck = self._stuck.of(None)
        with self.database.reading() as session:
            return today.read(session, self._days, stuck=stuck, now=self.clock(), when=when)

    def _count_stuck(self, _: None) -> int:
        with self.database.reading() as session:
            hindered = stuck_census.take(session, now=self.clock())
        return sum(group.accounts for group in hindered if group.is_weightiest)
