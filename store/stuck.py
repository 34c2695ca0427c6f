"""Lists who is stuck, by obstacle, cohort, wave, milestone, policy and age.

A page costs what is looked at for it, never what there is; of that, at most `MOST_LOOKED_AT` accounts.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, distinct, func, literal, select, text, union_all
from sqlmodel import Session, and_, col, exists, or_

from domain.facts import Milestone
from domain.stuck import Obstacle
from store import found, obstacles
from store.accounts import Account
from store.found import Found
from store.journeys import Journey
from store.members import Member
from store.obstacles import Source
from store.policies import StoredPolicy
from store.types import Instant

MOST_LOOKED_AT = 500
"""How many accounts are looked at for one page; a filter that few of them pass gives a short page, and a next one."""

MOST_SORTED = 2_000
"""How many people of one reason are put in order by progress, the longest stuck, where no index has that order."""

MOST_COUNTED = 1_000
"""Up to where people are counted: whoever sees this number reads it as "or more"."""

_PROGRESS = func.coalesce(Account.progress_at, Account.created_at)
_FOLLOW_INDEXES = (
    "SELECT set_config('enable_sort', 'off', true), set_config('enable_hashjoin', 'off', true), "
    "set_config('enable_mergejoin', 'off', true), set_config('max_parallel_workers_per_gather', '0', true)"
)


class Sort(StrEnum):
    """In which order people are listed; by progress, up to MOST_SORTED for each of the rarer reasons."""

    OLDEST = "oldest"
    NEWEST = "newest"
    LEAST_PROGRESS = "least_progress"


@dataclass(frozen=True, kw_only=True)
class Filters:
    """Whom to list. `before`: whose obstacle is older than that; `wave` counts from 0; `policy` is a name."""

    obstacle: Obstacle | None = None
    cohort_id: str | None = None
    wave: int | None = None
    milestone: Milestone | None = None
    policy: str | None = None
    before: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Mark:
    """Where a page ends: the instant by which it is sorted, and the account."""

    at: datetime
    account_id: str

    def __str__(self) -> str:
        return f"{self.at.astimezone(UTC).isoformat()}~{self.account_id}"

    @classmethod
    def read(cls, text: str) -> "Mark | None":
        """The mark that was written so; None when it is none."""
        at, _, account_id = text.partition("~")
        try:
            moment = datetime.fromisoformat(at)
        except ValueError:
            return None
        return cls(at=moment, account_id=account_id) if moment.tzinfo and account_id else None


@dataclass(frozen=True, kw_only=True)
class StuckPage:
    """One page of the list; `after` leads to the next, and is None on the last."""

    people: tuple[Found, ...]
    after: Mark | None = None


def page(
    session: Session,
    filters: Filters,
    *,
    now: datetime,
    sort: Sort = Sort.OLDEST,
    after: Mark | None = None,
    limit: int = 50,
) -> StuckPage:
    """The next people of the list, each once: where their oldest obstacle stands, or their newest."""
    _follow_indexes(session)
    people: dict[str, Found] = {}
    looked_at = 0
    # With every obstacle wanted, many a person stands in several rows.
    batch = limit if filters.obstacle else 2 * limit
    while looked_at < MOST_LOOKED_AT:
        rows = _rows(session, filters, sort, after, now=now, limit=batch)
        described = found.describe(session, list({row.account_id for row in rows}), now=now)
        for row in rows:
            after, looked_at = row, looked_at + 1
            if _belongs(described[row.account_id], row, filters, sort):
                people[row.account_id] = described[row.account_id]
            if len(people) == limit:
                return StuckPage(people=tuple(people.values()), after=after)
        if len(rows) < batch:
            return StuckPage(people=tuple(people.values()))
    return StuckPage(people=tuple(people.values()), after=after)


def counts(session: Session, filters: Filters, *, now: datetime) -> dict[Obstacle, int]:
    """How many people each obstacle stops, up to MOST_COUNTED; those of one milestone are not told apart."""
    _follow_indexes(session)
    found_by = obstacles.sources(session, now=now)
    return {
        obstacle: session.execute(counting(source, filters)).scalar_one()
        for obstacle, source in found_by.items()
    }


def counting(source: Source, filters: Filters) -> Select[Any]:
    """The query that counts the people of one obstacle."""
    whose = source.select(source.whose.label("whose")).where(*_narrowing(source, filters))
    # Without an order SQLite would begin with whatever table it thinks the smallest: that of all journeys, at times.
    some = whose.order_by(source.since, source.whose).limit(MOST_COUNTED).subquery()
    return select(func.count(distinct(some.c.whose)))


def each(session: Session, filters: Filters, *, now: datetime) -> Iterator[Found]:
    """Everybody of the list, the longest stuck first."""
    after: Mark | None = None
    while True:
        some = page(session, filters, now=now, after=after, limit=MOST_LOOKED_AT)
        yield from some.people
        if some.after is None:
            return
        after = some.after


def plan_of(session: Session, filters: Filters, sort: Sort, *, now: datetime) -> Select[Any]:
    """The query behind a list's first page."""
    return _listed(session, filters, sort, None, now=now, limit=50)


def _follow_indexes(session: Session) -> None:
    """Have PostgreSQL take a few from each list, which an index has in order, for as long as the transaction lasts.

    Of how many accounts a list holds it thinks too little, and would then read and sort all of them.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(_FOLLOW_INDEXES))


def _rows(
    session: Session, filters: Filters, sort: Sort, after: Mark | None, *, now: datetime, limit: int
) -> list[Mark]:
    query = _listed(session, filters, sort, after, now=now, limit=limit)
    return [Mark(at=at, account_id=account_id) for at, account_id in session.execute(query)]


def _listed(
    session: Session, filters: Filters, sort: Sort, after: Mark | None, *, now: datetime, limit: int
) -> Select[Any]:
    """The next of every obstacle's own list, put in one order."""
    wanted = [filters.obstacle] if filters.obstacle else list(Obstacle)
    found_by = [obstacles.source(session, obstacle, now=now) for obstacle in wanted]
    branches = [_branch(source, filters, sort, after, limit).subquery() for source in found_by]
    every = union_all(*(select(branch.c.key, branch.c.whose) for branch in branches)).subquery()
    return select(every.c.key, every.c.whose).order_by(*_order(every.c.key, every.c.whose, sort)).limit(limit)


def _branch(source: Source, filters: Filters, sort: Sort, after: Mark | None, limit: int) -> Select[Any]:
    if sort is Sort.LEAST_PROGRESS and not source.by_progress:
        return _sorted_anew(source, filters, after, limit)
    key = _PROGRESS if sort is Sort.LEAST_PROGRESS else source.since
    query = source.select(key.label("key"), source.whose.label("whose")).where(*_narrowing(source, filters))
    return _in_order(query, key, source.whose, sort, after, limit)


def _sorted_anew(source: Source, filters: Filters, after: Mark | None, limit: int) -> Select[Any]:
    """By progress, where no index says who comes next: those who have been stuck longest are sorted."""
    columns = (_PROGRESS.label("key"), source.whose.label("whose"))
    longest_stuck = source.select(*columns, with_account=True).where(*_narrowing(source, filters))
    some = longest_stuck.order_by(source.since, source.whose).limit(MOST_SORTED).subquery()
    query = select(some.c.key, some.c.whose)
    return _in_order(query, some.c.key, some.c.whose, Sort.LEAST_PROGRESS, after, limit)


def _in_order(
    query: Select[Any], key: Any, whose: Any, sort: Sort, after: Mark | None, limit: int
) -> Select[Any]:
    if after:
        query = query.where(_behind(key, whose, after, sort))
    return query.order_by(*_order(key, whose, sort)).limit(limit)


def _behind(key: Any, whose: Any, after: Mark, sort: Sort) -> ColumnElement[bool]:
    at = literal(after.at, Instant)
    if sort is Sort.NEWEST:
        return and_(key <= at, or_(key < at, whose < after.account_id))
    return and_(key >= at, or_(key > at, whose > after.account_id))


def _order(key: Any, whose: Any, sort: Sort) -> Sequence[Any]:
    return (key.desc(), whose.desc()) if sort is Sort.NEWEST else (key, whose)


def _narrowing(source: Source, filters: Filters) -> list[ColumnElement[bool]]:
    narrowed: list[ColumnElement[bool]] = []
    if filters.before:
        narrowed.append(source.since <= filters.before)
    if filters.policy:
        ids = select(col(StoredPolicy.policy_id)).where(col(StoredPolicy.name) == filters.policy)
        narrowed.append(col(Journey.policy_id).in_(ids))
    if filters.cohort_id:
        member = exists().where(
            col(Member.account_id) == source.whose,
            col(Member.cohort_id) == filters.cohort_id,
            col(Member.launched_at).is_not(None),
        )
        narrowed.append(
            member.where(col(Member.wave) == filters.wave) if filters.wave is not None else member
        )
    return narrowed


def _belongs(person: Found, row: Mark, filters: Filters, sort: Sort) -> bool:
    """Whether this is the row at which a person is listed: there is one for every obstacle."""
    if filters.milestone and person.milestone is not filters.milestone:
        return False
    since = [
        hurdle.since
        for hurdle in person.hurdles
        if filters.obstacle in (None, hurdle.obstacle)
        and (filters.before is None or hurdle.since <= filters.before)
    ]
    if not since:
        return False
    own = {Sort.OLDEST: min(since), Sort.NEWEST: max(since), Sort.LEAST_PROGRESS: row.at}
    return own[sort] == row.at
