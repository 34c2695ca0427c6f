"""The queries of the list of stuck people: each reads one obstacle's people in the order of an index."""

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
"""How many people of one obstacle are sorted by progress, if no index has that order: the longest stuck."""

MOST_COUNTED = 1_000
"""How many people are counted at most; a larger number is shown as this many or more."""

MOST_ASKED = 1_000
"""How many people are checked for their milestone, when the people who wait for one are counted: the longest stuck."""

_PROGRESS = func.coalesce(Account.progress_at, Account.created_at)
_FOLLOW_INDEXES = (
    "SELECT set_config('enable_sort', 'off', true), set_config('enable_hashjoin', 'off', true), "
    "set_config('enable_mergejoin', 'off', true), set_config('max_parallel_workers_per_gather', '0', true)"
)


def follow_indexes(session: Session) -> None:
    """Make PostgreSQL read the lists in the order of their indexes, until the transaction ends.

    PostgreSQL expects lists to be shorter than they are, and would otherwise read and sort whole lists.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(_FOLLOW_INDEXES))


def together(queries: Mapping[Obstacle, Select[Any]]) -> Select[Any]:
    """Several queries as one; the first column of each row is the obstacle."""
    subqueries = {obstacle: query.subquery() for obstacle, query in queries.items()}
    labelled = [
        select(literal(obstacle.value).label("obstacle"), *subquery.c)
        for obstacle, subquery in subqueries.items()
    ]
    return select(*union_all(*labelled).subquery().c)


def listing(
    source: ObstacleSource, filters: Filters, rules: Rules, sort: Sort, *, after: Mark | None, limit: int
) -> Select[Any]:
    """The next rows of one obstacle, at most `limit`: `key` is the time to sort by, and `whose` the account id.

    `fits`: the account waits for the milestone that the filters ask for, if any.
    """
    fits = _fits(source, filters, rules).label("fits")
    whose, narrowing = source.whose.label("whose"), _narrowing(source, filters)
    if sort is not Sort.LEAST_PROGRESS:
        query = source.select(source.since.label("key"), whose, fits, with_account=bool(filters.milestone))
        return _in_order(query.where(*narrowing), source.since, source.whose, sort, after, limit)
    query = source.select(_PROGRESS.label("key"), whose, fits, with_account=True).where(*narrowing)
    if source.by_progress:
        return _in_order(query, _PROGRESS, source.whose, sort, after, limit)
    # No index has this order, so the people who have been stuck longest are sorted.
    longest_stuck = query.order_by(source.since, source.whose).limit(MOST_SORTED).subquery()
    return _in_order(select(*longest_stuck.c), longest_stuck.c.key, longest_stuck.c.whose, sort, after, limit)


def counting(source: ObstacleSource, filters: Filters, rules: Rules) -> Select[Any]:
    """How many people one obstacle stops, among at most `most_counted` rows, and how many rows were read."""
    columns = (source.whose.label("whose"), _fits(source, filters, rules).label("fits"))
    query = source.select(*columns, with_account=bool(filters.milestone))
    # Without an order, SQLite might begin with the table of all journeys, because it takes that for the smallest.
    ordered = query.where(*_narrowing(source, filters)).order_by(source.since, source.whose)
    limited = ordered.limit(most_counted(filters)).subquery()
    sums: Sequence[ColumnElement[Any]] = (
        func.count(distinct(case((limited.c.fits, limited.c.whose)))).label("people"),
        func.count().label("looked_at"),
    )
    return select(*sums).select_from(limited)


def most_counted(filters: Filters) -> int:
    """How many rows are read at most to count people."""
    return MOST_ASKED if filters.milestone else MOST_COUNTED


def _fits(source: ObstacleSource, filters: Filters, rules: Rules) -> ColumnElement[bool]:
    """Whether a row waits for the wanted milestone. It is a column, not a condition: no index knows the milestone."""
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
        is_member = exists().where(
            col(Member.account_id) == source.whose,
            col(Member.cohort_id) == filters.cohort_id,
            col(Member.launched_at).is_not(None),
        )
        narrowed.append(
            is_member.where(col(Member.wave) == filters.wave) if filters.wave is not None else is_member
        )
    return narrowed
