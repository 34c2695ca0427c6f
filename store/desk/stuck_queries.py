"""The queries behind the list of who is stuck: each takes one obstacle's people in the order of an index."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, case, distinct, func, literal, select, text, true, union_all
from sqlmodel import Session, and_, col, exists, or_

from domain.desk.stuck import Obstacle
from domain.desk.stuck_filters import Filters, Mark, Sort
from store.desk.obstacles import ObstacleSource
from store.engine.types import Instant
from store.journeys import milestones
from store.journeys.journeys import Journey
from store.journeys.milestones import Rules
from store.journeys.policies import StoredPolicy
from store.people.accounts import Account
from store.rollouts.members import Member

MOST_SORTED = 2_000
"""How many people of one reason are put in order by progress, the longest stuck, where no index has that order."""

MOST_COUNTED = 1_000
"""Up to where people are counted; then it is so many, or more."""

MOST_ASKED = 1_000
"""How many are asked for their milestone while those who wait for one are counted, the longest stuck."""

_PROGRESS = func.coalesce(Account.progress_at, Account.created_at)
_FOLLOW_INDEXES = (
    "SELECT set_config('enable_sort', 'off', true), set_config('enable_hashjoin', 'off', true), "
    "set_config('enable_mergejoin', 'off', true), set_config('max_parallel_workers_per_gather', '0', true)"
)


def follow_indexes(session: Session) -> None:
    """Have PostgreSQL take a few from each list, which an index has in order, for as long as the transaction lasts.

    Of how many accounts a list holds it thinks too little, and would then read and sort all of them.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(_FOLLOW_INDEXES))


def together(queries: Mapping[Obstacle, Select[Any]]) -> Select[Any]:
    """Several queries as one, their rows led by the obstacle that each is about."""
    parts = {obstacle: query.subquery() for obstacle, query in queries.items()}
    every = [select(literal(obstacle.value).label("obstacle"), *part.c) for obstacle, part in parts.items()]
    return select(*union_all(*every).subquery().c)


def listing(
    source: ObstacleSource, filters: Filters, rules: Rules, sort: Sort, *, after: Mark | None, limit: int
) -> Select[Any]:
    """The next of one obstacle, `limit` at most: `key` to sort by, and `whose` account it is.

    `fits`: the account waits for the milestone that is asked for, if one is.
    """
    fits = _fits(source, filters, rules).label("fits")
    whose, narrowing = source.whose.label("whose"), _narrowing(source, filters)
    if sort is not Sort.LEAST_PROGRESS:
        query = source.select(source.since.label("key"), whose, fits, with_account=bool(filters.milestone))
        return _in_order(query.where(*narrowing), source.since, source.whose, sort, after, limit)
    query = source.select(_PROGRESS.label("key"), whose, fits, with_account=True).where(*narrowing)
    if source.by_progress:
        return _in_order(query, _PROGRESS, source.whose, sort, after, limit)
    # No index says who comes next, so those who have been stuck longest are sorted.
    some = query.order_by(source.since, source.whose).limit(MOST_SORTED).subquery()
    return _in_order(select(*some.c), some.c.key, some.c.whose, sort, after, limit)


def counting(source: ObstacleSource, filters: Filters, rules: Rules) -> Select[Any]:
    """How many people of one obstacle there are among so many rows, and how many rows were looked at."""
    columns = (source.whose.label("whose"), _fits(source, filters, rules).label("fits"))
    query = source.select(*columns, with_account=bool(filters.milestone))
    # Without an order SQLite would begin with whatever table it thinks the smallest: that of all journeys, at times.
    ordered = query.where(*_narrowing(source, filters)).order_by(source.since, source.whose)
    some = ordered.limit(most_counted(filters)).subquery()
    counted: Sequence[ColumnElement[Any]] = (
        func.count(distinct(case((some.c.fits, some.c.whose)))).label("people"),
        func.count().label("looked_at"),
    )
    return select(*counted).select_from(some)


def most_counted(filters: Filters) -> int:
    """How many rows are looked at to count people."""
    return MOST_ASKED if filters.milestone else MOST_COUNTED


def _fits(source: ObstacleSource, filters: Filters, rules: Rules) -> ColumnElement[bool]:
    """Asked of every row that is looked at, not to find them: no index knows the milestone."""
    return (
        milestones.waits_for(filters.milestone, rules, account_id=source.whose)
        if filters.milestone
        else true()
    )


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


def _narrowing(source: ObstacleSource, filters: Filters) -> list[ColumnElement[bool]]:
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
