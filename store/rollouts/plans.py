"""Counts what a launch would come to, without any change, by a few statements, however many accounts there are."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, literal_column, select
from sqlmodel import Session, col

from domain.recovery import Proof
from domain.rollouts.buckets import BUCKETS, reach
from domain.rollouts.cohorts import Cohort, Ineligibility, Who
from store.journeys import recoverable
from store.journeys.journeys import Journey
from store.people.accounts import Account, is_deleted
from store.rollouts import cohorts, inventories
from store.rollouts.cohorts import StoredCohort
from store.rollouts.ineligibility import ineligibility
from store.rollouts.members import Member, candidates, is_done, matches


@dataclass(frozen=True, kw_only=True)
class Reach:
    """What one wave adds: its members, and how many of them are people whose journeys are still to be started."""

    members: int
    people: int


@dataclass(frozen=True, kw_only=True)
class Overlap:
    """Another cohort that has some of the same accounts."""

    name: str
    stage: str
    members: int
    launched: int
    held_out: int


@dataclass(frozen=True, kw_only=True)
class Census:
    """Who is in a cohort, or would be.

    `is_exact`: the numbers count members, whose buckets are drawn; otherwise they are shares of the accounts that match
    a new description. `done` of those that match it have left text-message codes behind already, and stay out; 0 once
    members are enrolled, for who is in does not change. `people` is how many journeys are still to be started, `beyond`
    how many members no wave reaches, and `text_only` how many of the people can be reached by text message alone.
    `inventory` counts the members by what text-message codes are to them at the host (`SmsMethod`, or `NOT_TOLD`).
    """

    is_exact: bool
    members: int
    done: int
    held_out: int
    beyond: int
    people: int
    launched: int
    obstacles: dict[Ineligibility, int]
    waves: tuple[Reach, ...]
    text_only: int
    overlaps: tuple[Overlap, ...]
    inventory: dict[str, int]


@dataclass(frozen=True, kw_only=True)
class _Group:
    """How many accounts are alike. Without a bucket, no buckets are drawn yet."""

    state: str
    has_email: bool
    accounts: int
    bucket: int | None = None
    held_out: bool = False


@dataclass(frozen=True, kw_only=True)
class _Around:
    """What a census says beside the numbers of a launch."""

    overlaps: tuple[Overlap, ...]
    inventory: dict[str, int]


_ABLE, _LAUNCHED = "able", "launched"


def census(session: Session, cohort: Cohort, *, now: datetime) -> Census:
    """Count the members of the launched cohort of that name, or else all accounts that the description matches."""
    row = cohorts.by_name(session, cohort.name)
    drawn = _drawn(session, row, cohort, now) if row else []
    scope = _members(row) if row and drawn else _candidates(cohort)
    around = _Around(overlaps=_overlaps(session, scope, row), inventory=inventories.count(session, scope))
    return _of_members(drawn, cohort, around) if drawn else _of_matching(session, cohort, around, now)


def proofs(session: Session, cohort: Cohort, *, now: datetime) -> list[tuple[tuple[Proof, ...], int]]:
    """What the members could show to get back in, and how many have just that."""
    row = cohorts.by_name(session, cohort.name)
    scope = _members(row) if row and _drawn(session, row, cohort, now) else _candidates(cohort)
    return recoverable.count(session, scope, now=now)


def _of_members(drawn: Sequence[_Group], cohort: Cohort, around: _Around) -> Census:
    """The census of a cohort whose members are enrolled: each has a bucket already."""
    return _summed(
        drawn,
        is_exact=True,
        done=0,
        held_out=_accounts(place for place in drawn if place.held_out),
        waves=_drawn_reach(drawn, cohort),
        around=around,
    )


def _of_matching(session: Session, cohort: Cohort, around: _Around, now: datetime) -> Census:
    """The census of a cohort that is not launched yet: shares of the accounts that its description matches."""
    groups = _matching(session, cohort, now)
    return _summed(
        groups,
        is_exact=False,
        done=_done(session, cohort),
        held_out=_held_out(_accounts(groups), cohort),
        waves=_shared_reach(groups, cohort),
        around=around,
    )


def _summed(
    groups: Sequence[_Group],
    *,
    is_exact: bool,
    done: int,
    held_out: int,
    waves: tuple[Reach, ...],
    around: _Around,
) -> Census:
    members, people = _accounts(groups), sum(wave.people for wave in waves)
    able = [group for group in groups if group.state == _ABLE]
    text_only = _accounts(group for group in able if not group.has_email)
    return Census(
        is_exact=is_exact,
        members=members,
        done=done,
        held_out=held_out,
        beyond=members - held_out - sum(wave.members for wave in waves),
        people=people,
        launched=_accounts(group for group in groups if group.state == _LAUNCHED),
        obstacles=_obstacles(groups),
        waves=waves,
        text_only=_share_of(people, part=text_only, whole=_accounts(able)),
        overlaps=around.overlaps,
        inventory=around.inventory,
    )


def _accounts(groups: Iterable[_Group]) -> int:
    return sum(group.accounts for group in groups)


def _drawn(session: Session, row: StoredCohort, cohort: Cohort, now: datetime) -> list[_Group]:
    state = case((col(Member.launched_at).is_not(None), _LAUNCHED), else_=_state(cohort.exclude, now))
    keys = (col(Member.bucket), col(Member.held_out), state, _has_email())
    query = (
        select(*keys, func.count())
        .select_from(Member)
        .join(Account, col(Account.account_id) == Member.account_id)
        .outerjoin(Journey, col(Journey.account_id) == Member.account_id)
        .where(col(Member.cohort_id) == row.cohort_id, ~is_deleted())
        .group_by(*_positions(keys))
    )
    return [
        _Group(bucket=number, held_out=held_out, state=state, has_email=has_email, accounts=accounts)
        for number, held_out, state, has_email, accounts in session.execute(query)
    ]


def _matching(session: Session, cohort: Cohort, now: datetime) -> list[_Group]:
    keys = (_state(None, now), _has_email())
    query = (
        select(*keys, func.count())
        .select_from(Account)
        .outerjoin(Journey, col(Journey.account_id) == Account.account_id)
        .where(candidates(cohort))
        .group_by(*_positions(keys))
    )
    return [
        _Group(state=state, has_email=has_email, accounts=accounts)
        for state, has_email, accounts in session.execute(query)
    ]


def _positions(keys: Sequence[Any]) -> list[ColumnElement[Any]]:
    # By position, because PostgreSQL does not see that two expressions with parameters are equal.
    return [literal_column(str(number)) for number in range(1, len(keys) + 1)]


def _state(exclude: Who | None, now: datetime) -> ColumnElement[str]:
    return func.coalesce(ineligibility(exclude, now=now), _ABLE)


def _has_email() -> ColumnElement[bool]:
    return col(Account.email).is_not(None)


def _candidates(cohort: Cohort) -> Select[Any]:
    return select(col(Account.account_id)).where(candidates(cohort))


def _done(session: Session, cohort: Cohort) -> int:
    query = select(func.count()).select_from(Account).where(matches(cohort), is_done())
    return int(session.execute(query).scalar_one())


def _members(row: StoredCohort) -> Select[Any]:
    query = select(col(Member.account_id)).join(Account, col(Account.account_id) == Member.account_id)
    return query.where(col(Member.cohort_id) == row.cohort_id, ~is_deleted())


def _drawn_reach(drawn: Sequence[_Group], cohort: Cohort) -> tuple[Reach, ...]:
    members: Counter[int] = Counter()
    people: Counter[int] = Counter()
    for group in drawn:
        wave = _wave_of(group, cohort)
        if wave is not None:
            members[wave] += group.accounts
            people[wave] += group.accounts if group.state == _ABLE else 0
    return tuple(Reach(members=members[wave], people=people[wave]) for wave in range(len(cohort.waves)))


def _wave_of(group: _Group, cohort: Cohort) -> int | None:
    if group.held_out or group.bucket is None:
        return None
    waves = (number for number, wave in enumerate(cohort.waves) if group.bucket < reach(wave.percent))
    return next(waves, None)


def _shared_reach(groups: Sequence[_Group], cohort: Cohort) -> tuple[Reach, ...]:
    """The waves' shares of the matching accounts; rounded so that shares of a number add up to it."""
    members = _accounts(groups)
    people = _accounts(group for group in groups if group.state == _ABLE)
    launchable = BUCKETS - reach(cohort.holdout_percent)
    waves, before = [], 0
    for wave in cohort.waves:
        upto = min(reach(wave.percent), launchable)
        waves.append(
            Reach(
                members=_share(members, upto) - _share(members, before),
                people=_share(people, upto) - _share(people, before),
            )
        )
        before = max(upto, before)
    return tuple(waves)


def _held_out(members: int, cohort: Cohort) -> int:
    return members - _share(members, BUCKETS - reach(cohort.holdout_percent))


def _share(accounts: int, buckets: int) -> int:
    return round(accounts * buckets / BUCKETS)


def _share_of(total: int, *, part: int, whole: int) -> int:
    return round(total * part / whole) if whole else 0


def _obstacles(groups: Sequence[_Group]) -> dict[Ineligibility, int]:
    by_obstacle = {
        obstacle: _accounts(group for group in groups if group.state == obstacle)
        for obstacle in Ineligibility
    }
    return {obstacle: accounts for obstacle, accounts in by_obstacle.items() if accounts}


def _overlaps(session: Session, scope: Select[Any], launched: StoredCohort | None) -> tuple[Overlap, ...]:
    """The other cohorts that have some of the accounts in scope."""
    cohort_id = launched.cohort_id if launched else ""
    query = (
        select(
            col(StoredCohort.name),
            col(StoredCohort.stage),
            func.count(),
            func.count(col(Member.launched_at)),
            func.count().filter(col(Member.held_out)),
        )
        .select_from(Member)
        .join(StoredCohort, col(StoredCohort.cohort_id) == Member.cohort_id)
        .where(col(Member.account_id).in_(scope), col(Member.cohort_id) != cohort_id)
        .group_by(col(StoredCohort.name), col(StoredCohort.stage))
        .order_by(col(StoredCohort.name))
    )
    return tuple(
        Overlap(name=name, stage=stage, members=members, launched=launched, held_out=held_out)
        for name, stage, members, launched, held_out in session.execute(query)
    )
