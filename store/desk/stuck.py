"""Lists who is stuck, by obstacle, cohort, wave, milestone, policy and age.

Every page but the last is full, unless few of very many people wait for a milestone: then a page ends after
`MOST_LOOKED_AT` rows, and its `after` says that the list goes on.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from domain.desk.stuck import Obstacle
from domain.desk.stuck_filters import Filters, Mark, Sort
from store.desk import list_rows, obstacles, stuck_queries
from store.desk.list_rows import ListRow
from store.desk.stuck_lists import MOST_AT_ONCE, Lists, StuckRow
from store.journeys import policies
from store.journeys.milestones import Rules

MOST_LOOKED_AT = 10_000
"""How many rows are read at most for one page, when few of them fit."""

_MOST_IN_A_FILE = 500
"""How many people are described at once for a file."""


@dataclass(frozen=True, kw_only=True)
class StuckPage:
    """One page of the list; `after` is the mark for the next page, and None on the last."""

    people: tuple[ListRow, ...]
    after: Mark | None = None


@dataclass(frozen=True, kw_only=True)
class Count:
    """How many people one obstacle stops. `or_more`: counting stopped at its limit, so there may be more."""

    people: int
    or_more: bool = False


def page(
    session: Session,
    filters: Filters,
    *,
    now: datetime,
    sort: Sort = Sort.OLDEST,
    after: Mark | None = None,
    limit: int = 50,
) -> StuckPage:
    """The next people of the list, each once, at the place of their oldest or newest obstacle."""
    stuck_queries.follow_indexes(session)
    people: dict[Mark, ListRow] = {}
    looked_at = 0
    lists = Lists(
        session=session, filters=filters, rules=_rules(session, filters), sort=sort, now=now, size=limit
    )
    # One more than fits, to know that the list goes on; without a filter, many people have several rows.
    for rows in _portions(lists.rows(after), limit + 1 if filters.obstacle else 2 * limit):
        people |= _belonging(session, rows, filters, sort, now=now)
        looked_at += len(rows)
        if len(people) > limit:
            marks = list(people)[:limit]
            return StuckPage(people=tuple(people[mark] for mark in marks), after=marks[-1])
        if looked_at >= MOST_LOOKED_AT:
            return StuckPage(people=tuple(people.values()), after=rows[-1].mark)
    return StuckPage(people=tuple(people.values()))


def counts(session: Session, filters: Filters, *, now: datetime) -> dict[Obstacle, Count]:
    """How many people each obstacle stops."""
    stuck_queries.follow_indexes(session)
    rules, limit = _rules(session, filters), stuck_queries.most_counted(filters)
    query = stuck_queries.together(
        {
            obstacle: stuck_queries.counting(source, filters, rules)
            for obstacle, source in obstacles.sources(session, now=now).items()
        }
    )
    return {
        Obstacle(obstacle): Count(people=people, or_more=looked_at == limit)
        for obstacle, people, looked_at in session.execute(query)
    }


def each(session: Session, filters: Filters, *, now: datetime) -> Iterator[ListRow]:
    """Everybody of the list, the longest stuck first."""
    after: Mark | None = None
    while True:
        stuck_page = page(session, filters, now=now, after=after, limit=_MOST_IN_A_FILE)
        yield from stuck_page.people
        if stuck_page.after is None:
            return
        after = stuck_page.after


def _rules(session: Session, filters: Filters) -> Rules:
    """All policies, if a filter needs them."""
    return policies.every(session) if filters.milestone else {}


def _portions(rows: Iterator[StuckRow], size: int) -> Iterator[list[StuckRow]]:
    """Rows in portions, each with at most `size` fitting rows, and at most MOST_AT_ONCE rows in all."""
    portion: list[StuckRow] = []
    fitting = 0
    for row in rows:
        portion.append(row)
        fitting += row.fits
        if fitting == size or len(portion) == min(MOST_AT_ONCE, MOST_LOOKED_AT):
            yield portion
            portion, fitting = [], 0
    if portion:
        yield portion


def _belonging(
    session: Session, rows: Sequence[StuckRow], filters: Filters, sort: Sort, *, now: datetime
) -> dict[Mark, ListRow]:
    """The people whose place in the list is among these rows, by their places."""
    fitting = [row.mark for row in rows if row.fits]
    described = list_rows.describe(session, list({mark.account_id for mark in fitting}), now=now)
    return {
        mark: described[mark.account_id]
        for mark in fitting
        if _belongs(described[mark.account_id], mark, filters, sort)
    }


def _belongs(person: ListRow, mark: Mark, filters: Filters, sort: Sort) -> bool:
    """Whether this is the row at which a person is listed: there is one for every obstacle."""
    since = [
        hurdle.since
        for hurdle in person.hurdles
        if filters.obstacle in (None, hurdle.obstacle)
        and (filters.before is None or hurdle.since <= filters.before)
    ]
    if not since:
        return False
    places = {Sort.OLDEST: min(since), Sort.NEWEST: max(since), Sort.LEAST_PROGRESS: mark.at}
    return places[sort] == mark.at
