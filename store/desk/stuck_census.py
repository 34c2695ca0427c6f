"""Counts everybody who is stuck, by the queries of the desk's list, in one statement, so the numbers fit together."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, case, func, literal_column, select, union_all
from sqlmodel import Session

from domain.desk.stuck import Obstacle
from store.desk import obstacles
from store.desk.obstacles import ObstacleSource
from store.rollouts import placement


class Age(StrEnum):
    """How long ago something began."""

    DAY = "under_a_day"
    WEEK = "under_a_week"
    MONTH = "under_a_month"
    OLDER = "older"


_AGES = {Age.DAY: timedelta(days=1), Age.WEEK: timedelta(days=7), Age.MONTH: timedelta(days=30)}


@dataclass(frozen=True, kw_only=True)
class Hindered:
    """A group of accounts that one obstacle stops, and their number; an account counts for each of its obstacles.

    `age` is the age of the obstacle, `oldest` the age of the oldest obstacle of the same accounts. Each account has one
    obstacle that `is_weightiest`: these groups together count everybody once.
    """

    accounts: int
    cohort_id: str
    wave: str
    obstacle: Obstacle
    age: Age
    oldest: Age
    is_weightiest: bool


def take(session: Session, *, now: datetime) -> list[Hindered]:
    """Count everybody who is stuck, by cohort, wave, obstacle and age. Only stuck accounts are read."""
    sources = obstacles.sources(session, now=now)
    return list(_rows(session, list(sources.values()), now))


def _rows(session: Session, sources: list[ObstacleSource], now: datetime) -> Iterator[Hindered]:
    ranks = list(Obstacle)
    for row in session.execute(_query(sources, now)).mappings():
        place = placement.of(row)
        yield Hindered(
            accounts=row["accounts"],
            cohort_id=place.cohort,
            wave=place.wave,
            obstacle=ranks[row["rank"]],
            age=Age(row["age"]),
            oldest=Age(row["oldest"]),
            is_weightiest=bool(row["is_weightiest"]),
        )


def _query(sources: list[ObstacleSource], now: datetime) -> Select[Any]:
    hurdles, launched, held_out = _ranked(_hurdles(sources)), placement.launched(), placement.held_out()
    keys: dict[str, ColumnElement[Any]] = {
        "launched": launched.c.cohort_id,
        "wave": launched.c.wave,
        "held_out": held_out.c.cohort_id,
        "rank": hurdles.c.rank,
        "age": _age(hurdles.c.since, now),
        "oldest": _age(hurdles.c.oldest, now),
        "is_weightiest": case((hurdles.c.rank == hurdles.c.weightiest, 1), else_=0),
    }
    columns = [column.label(name) for name, column in keys.items()]
    # By position, because PostgreSQL does not see that two expressions with parameters are equal.
    positions: list[ColumnElement[Any]] = [literal_column(str(number)) for number in range(1, len(keys) + 1)]
    return (
        select(*columns, func.count().label("accounts"))
        .select_from(hurdles)
        .outerjoin(launched, launched.c.account_id == hurdles.c.whose)
        .outerjoin(held_out, held_out.c.account_id == hurdles.c.whose)
        .group_by(*positions)
    )


def _hurdles(sources: list[ObstacleSource]) -> Subquery:
    """Each obstacle of each account once, with the earliest time that is on record for it."""
    rows = union_all(
        *(
            source.select(
                literal_column(str(rank)).label("rank"),
                source.whose.label("whose"),
                source.since.label("since"),
            )
            for rank, source in enumerate(sources)
        )
    ).subquery()
    query = select(rows.c.rank, rows.c.whose, func.min(rows.c.since).label("since"))
    return query.group_by(rows.c.whose, rows.c.rank).subquery()


def _ranked(hurdles: Subquery) -> Subquery:
    """Every hurdle, with its account's weightiest obstacle and the time of its account's oldest hurdle."""
    of_account: Any = {"partition_by": hurdles.c.whose}
    return select(
        hurdles.c.rank,
        hurdles.c.whose,
        hurdles.c.since,
        func.min(hurdles.c.rank).over(**of_account).label("weightiest"),
        func.min(hurdles.c.since).over(**of_account).label("oldest"),
    ).subquery()


def _age(since: Any, now: datetime) -> ColumnElement[str]:
    younger = [(since > now - age, name.value) for name, age in _AGES.items()]
    return case(*younger, else_=Age.OLDER.value)
