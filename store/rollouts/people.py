"""Lists the members of a cohort who have come so far, or not so far: a part of the members at a time, by an index."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, not_, select
from sqlmodel import Session, and_, col, or_

from domain.rollouts.cohorts import Cohort
from domain.rollouts.people_filters import LAUNCHED, CohortPlace, PeopleFilter
from store.people.accounts import Account, is_deleted
from store.rollouts import cohorts, progress
from store.rollouts.members import Member

LOOKED_AT = 10_000
"""So many members are looked at for one page; where few of them fit, the page is short, and leads on."""


@dataclass(frozen=True, kw_only=True)
class PeoplePage:
    """The accounts of one page, and the account behind which the next one begins; empty after the last."""

    account_ids: tuple[str, ...]
    following: str


def page(
    session: Session, cohort_id: str, wanted: PeopleFilter, *, after: str = "", limit: int
) -> PeoplePage:
    """The next people behind an account, in the order of the accounts' ids. Raises Unknown."""
    cohort = cohorts.description(cohorts.get(session, cohort_id))
    furthest = session.execute(_last_of(_part(cohort_id, after))).scalars().first()
    query = listing(cohort_id, cohort, wanted, after=after).limit(limit + 1)
    account_ids = session.execute(query).scalars().all()
    if len(account_ids) > limit:
        return PeoplePage(account_ids=tuple(account_ids[:limit]), following=account_ids[limit - 1])
    return PeoplePage(account_ids=tuple(account_ids), following=furthest or "")


def listing(cohort_id: str, cohort: Cohort, wanted: PeopleFilter, *, after: str = "") -> Select[Any]:
    """The query behind `page`: those who fit, of the part behind an account."""
    ids = _part(cohort_id, after).limit(LOOKED_AT).subquery()
    whose = select(ids.c.account_id)
    sources = progress.sources(whose)
    query = (
        select(col(Member.account_id))
        .join(Account, col(Account.account_id) == Member.account_id)
        .where(
            col(Member.cohort_id) == cohort_id,
            col(Member.account_id).in_(whose),
            ~is_deleted(),
            _is_there(cohort, wanted),
        )
    )
    if wanted.step:
        query = query.where(*_step(cohort, wanted, sources))
    return progress.joined(query, sources).order_by(col(Member.account_id))


def every(session: Session, cohort_id: str, wanted: PeopleFilter) -> Iterator[tuple[str, ...]]:
    """All of them, a part at a time."""
    after = ""
    while True:
        people = page(session, cohort_id, wanted, after=after, limit=500)
        yield people.account_ids
        after = people.following
        if not after:
            return


def external_ids(session: Session, account_ids: tuple[str, ...]) -> dict[str, str]:
    """The host's ids of accounts."""
    query = select(col(Account.account_id), col(Account.external_id))
    rows = session.execute(query.where(col(Account.account_id).in_(account_ids)))
    return {account_id: external_id for account_id, external_id in rows}  # noqa: C416


def _part(cohort_id: str, after: str) -> Select[Any]:
    """The members behind an account, in the order of the table's own key."""
    query = select(col(Member.account_id)).where(
        col(Member.cohort_id) == cohort_id, col(Member.account_id) > after
    )
    return query.order_by(col(Member.account_id))


def _last_of(part: Select[Any]) -> Select[Any]:
    """The last account of a whole part; none if the part is the last one, and so ends early."""
    return part.limit(1).offset(LOOKED_AT - 1)


def _is_there(cohort: Cohort, wanted: PeopleFilter) -> ColumnElement[bool]:
    if wanted.place is CohortPlace.HELD_OUT:
        return col(Member.held_out).is_(True)
    if wanted.wave is not None:
        return progress.wave_of(cohort) == wanted.wave
    is_unreached = and_(col(Member.held_out).is_(False), progress.wave_of(cohort).is_(None))
    return is_unreached if wanted.place is CohortPlace.UNREACHED else col(Member.held_out).is_(False)


def _step(cohort: Cohort, wanted: PeopleFilter, sources: progress.Sources) -> tuple[ColumnElement[bool], ...]:
    """As the funnel counts: launched people, or all who are held out."""
    is_launched = col(Member.launched_at).is_not(None)
    if wanted.step == LAUNCHED:
        return (not_(is_launched) if wanted.is_missing else is_launched,)
    step = progress.steps(cohort.policy, sources)[wanted.step]
    has_come = step if not wanted.is_missing else or_(not_(step), step.is_(None))
    return (or_(is_launched, col(Member.held_out)), has_come)
