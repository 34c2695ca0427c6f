"""How far people have come, now and day by day: the figures of the Adoption page and of the report."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session, select

from domain.counting import HOLDOUT
from domain.desk.stuck import Obstacle
from domain.facts import Method, Milestone, SmsState
from domain.milestones import is_proven_by_app, reached
from domain.policy import Policy
from store.desk import stuck_census
from store.desk.stuck_census import Hindered
from store.figures import adoption_days, attempt_figures, census
from store.figures.adoption_days import Spread
from store.figures.attempt_figures import AttemptFigures
from store.figures.census import Alike
from store.journeys import policies
from store.journeys.policies import StoredPolicy
from store.rollouts import cohorts

BY_APP = "by_app"
"""Of those whose passkey is proven, the people who have an authenticator app in its place."""

STEPS: tuple[str, ...] = (*Milestone, BY_APP, *list(SmsState)[1:])
"""The steps that are counted, in the order of a journey."""


@dataclass(frozen=True, kw_only=True)
class AdoptionDay:
    """One day, from midnight to midnight UTC.

    `started`, `passkey`, `suspended` and `removed` count people on the way who had ever come so far by the end of the
    day. The other fields count the sign-ins of the day, of those who are `watched`.
    """

    date: date
    started: int
    passkey: int
    suspended: int
    removed: int
    by_passkey: int
    by_sms: int
    otherwise: int


@dataclass(frozen=True, kw_only=True)
class Adoption:
    """The figures, of one cohort or of everybody (`cohort` is empty). Each is about one population:

    - `accounts`: all accounts, or all members of the cohort. `held_out` of them are held out.
    - `started`: people on the way, whose journey has started. `steps`, `sms` and the steps in `days` count them. Each
      step is counted by itself; an SMS state counts as a step for the states before it too.
    - `watched`: all accounts, or the people whom the cohort has launched. Sign-ins are theirs. `stuck` counts them by
      the obstacles of the desk's list, the most frequent first: a person counts for each, and once in `stuck_people`.
    - `attempts` are theirs, too, as far as attempts are kept so long; at the door nobody knows whose they are, so they
      count for everybody alone.
    """

    at: datetime
    cohort: str
    accounts: int
    held_out: int
    started: int
    watched: int
    steps: dict[str, int]
    sms: dict[SmsState, int]
    stuck: dict[Obstacle, int]
    stuck_people: int
    days: tuple[AdoptionDay, ...]
    sign_in_times: dict[Method, Spread]
    attempts: AttemptFigures

    @property
    def passkey_share(self) -> float | None:
        """The share of passkeys, 0 to 1, in all sign-ins by whatever method; None without any."""
        by_passkey = sum(day.by_passkey for day in self.days)
        sign_ins = by_passkey + sum(day.by_sms + day.otherwise for day in self.days)
        return by_passkey / sign_ins if sign_ins else None


def read(session: Session, *, now: datetime, days: int, cohort_id: str | None = None) -> Adoption:
    """Count the figures; raises Unknown if there is no such cohort.

    This reads all accounts once, and the journal of these days by its index: seconds for a million accounts.
    """
    name = cohorts.get(session, cohort_id).name if cohort_id else ""
    groups = [group for group in census.take(session, now=now) if _is_watched(group, cohort_id)]
    moving = [group for group in groups if group.policy_id]
    rules = _policies(session)
    stuck = _hindered(session, now=now, cohort_id=cohort_id)
    return Adoption(
        at=now,
        cohort=name,
        **_in_scope(session, groups, cohort_id),
        started=_sum(moving),
        watched=_sum(groups),
        steps=_steps(moving, rules),
        sms={state: _sum([group for group in moving if group.sms is state]) for state in SmsState},
        stuck=_by_obstacle(stuck),
        stuck_people=sum(group.accounts for group in stuck if group.is_weightiest),
        days=_days(session, now=now, days=days, cohort_id=cohort_id),
        sign_in_times=adoption_days.sign_in_times(
            session, since=now - timedelta(days=days), cohort_id=cohort_id
        ),
        attempts=attempt_figures.read(session, since=now - timedelta(days=days), cohort_id=cohort_id),
    )


def _sum(groups: Sequence[Alike]) -> int:
    return sum(group.accounts for group in groups)


def _is_watched(group: Alike | Hindered, cohort_id: str | None) -> bool:
    """Everybody is watched, or the people whom the cohort has launched, filtered like the desk's list."""
    return cohort_id is None or (group.cohort_id == cohort_id and group.wave != HOLDOUT)


def _in_scope(session: Session, groups: Sequence[Alike], cohort_id: str | None) -> dict[str, int]:
    """All accounts with those that are held out; of a cohort, all members, launched or not."""
    if cohort_id is None:
        held_out = _sum([group for group in groups if group.wave == HOLDOUT])
        return {"accounts": _sum(groups), "held_out": held_out}
    members = census.members(session)
    held_out = members.get((cohort_id, True), 0)
    return {"accounts": held_out + members.get((cohort_id, False), 0), "held_out": held_out}


def _policies(session: Session) -> dict[str, Policy]:
    ids = session.exec(select(StoredPolicy.policy_id)).all()
    return {policy_id: policies.get(session, policy_id) for policy_id in ids}


def _steps(moving: Sequence[Alike], rules: dict[str, Policy]) -> dict[str, int]:
    counts = Counter(dict.fromkeys(STEPS, 0))
    for group in moving:
        for step in _steps_of(group, rules[group.policy_id or ""]):
            counts[step] += group.accounts
    return dict(counts)


def _steps_of(group: Alike, policy: Policy) -> Iterator[str]:
    yield from (milestone for milestone in Milestone if reached(milestone, group.facts, policy))
    if is_proven_by_app(group.facts, policy):
        yield BY_APP
    states = list(SmsState)
    yield from states[1 : states.index(group.sms) + 1]


def _hindered(session: Session, *, now: datetime, cohort_id: str | None) -> list[Hindered]:
    return [group for group in stuck_census.take(session, now=now) if _is_watched(group, cohort_id)]


def _by_obstacle(stuck: Sequence[Hindered]) -> dict[Obstacle, int]:
    counts: Counter[Obstacle] = Counter()
    for group in stuck:
        counts[group.obstacle] += group.accounts
    return dict(counts.most_common())


def _days(session: Session, *, now: datetime, days: int, cohort_id: str | None) -> tuple[AdoptionDay, ...]:
    first_date = now.date() - timedelta(days=days - 1)
    dates = [first_date + timedelta(days=number) for number in range(days)]
    people = adoption_days.people(session, dates, cohort_id=cohort_id)
    sign_ins = adoption_days.sign_ins(session, dates, cohort_id=cohort_id)
    return tuple(
        AdoptionDay(
            date=day,
            **people[day],
            by_passkey=sign_ins[day, Method.PASSKEY],
            by_sms=sign_ins[day, Method.SMS],
            otherwise=sum(
                count
                for (when, method), count in sign_ins.items()
                if when == day and method not in (Method.PASSKEY, Method.SMS)
            ),
        )
        for day in dates
    )
