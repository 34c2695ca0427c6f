"""Merges the lists of stuck people, one for each obstacle, into one list; reads only the rows that are asked for."""

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select
from sqlmodel import Session

from domain.desk.stuck import Obstacle
from domain.desk.stuck_filters import Filters, Mark, Sort
from store.desk import obstacles, stuck_queries
from store.journeys.milestones import Rules

MOST_AT_ONCE = 2_000
"""How many rows are read at once, before their people are read."""


@dataclass(frozen=True, kw_only=True)
class StuckRow:
    """One obstacle of one person. `fits`: the person waits for the milestone that the filters ask for, if any."""

    mark: Mark
    fits: bool


@dataclass(frozen=True, kw_only=True)
class Lists:
    """The lists behind one page; `size` is how many rows of each obstacle are read first."""

    session: Session
    filters: Filters
    rules: Rules
    sort: Sort
    now: datetime
    size: int

    def rows(self, after: Mark | None) -> Iterator[StuckRow]:
        """The rows behind `after`, of all wanted obstacles, in order."""
        wanted = [self.filters.obstacle] if self.filters.obstacle else list(Obstacle)
        # One query reads the first rows of all lists: most pages need no more.
        query = stuck_queries.together(
            {obstacle: self._query(obstacle, after, self.size) for obstacle in wanted}
        )
        beginnings: dict[Obstacle, list[StuckRow]] = {obstacle: [] for obstacle in wanted}
        for row in self.session.execute(query):
            beginnings[Obstacle(row.obstacle)].append(_read(row))
        lists = [self._from(obstacle, rows) for obstacle, rows in beginnings.items()]
        return heapq.merge(*lists, key=_by_mark, reverse=self._is_reversed)

    @property
    def _is_reversed(self) -> bool:
        return self.sort is Sort.NEWEST

    def _from(self, obstacle: Obstacle, rows: Sequence[StuckRow]) -> Iterator[StuckRow]:
        """One obstacle's rows, beginning with its first rows; more rows are read in larger and larger portions."""
        size = self.size
        while rows:
            # A union of queries has no guaranteed order.
            in_order = sorted(rows, key=_by_mark, reverse=self._is_reversed)
            yield from in_order
            if len(rows) < size:
                return
            size = min(2 * size, MOST_AT_ONCE)
            query = self._query(obstacle, in_order[-1].mark, size)
            rows = [_read(row) for row in self.session.execute(query)]

    def _query(self, obstacle: Obstacle, after: Mark | None, size: int) -> Select[Any]:
        source = obstacles.source(self.session, obstacle, now=self.now)
        return stuck_queries.listing(source, self.filters, self.rules, self.sort, after=after, limit=size)


def _read(row: Any) -> StuckRow:
    return StuckRow(mark=Mark(at=row.key, account_id=row.whose), fits=bool(row.fits))


def _by_mark(row: StuckRow) -> Mark:
    return row.mark
