"""How far people have come, now and day by day: the figures of the Adoption page and of the report."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session, select

from domain.counting import HOLDOUT
from domain.desk.stuck import Obstacle
from domain.facts import Method, Milestone, SmsState
from domain.milestones import reached
from domain.policy import Policy
from store.desk import stuck_census
from store.desk.stuck_census import Hindered
from store.figures import adoption_days, census
from store.figures.adoption_days import Spread
from store.figures.census import Alike
from store.journeys import policies
from store.journeys.policies import StoredPolicy
from store.rollouts import cohorts

STEPS: tuple[str, ...] = (*Milestone, *list(SmsState)[1:])
"""The steps that are counted, in the order of a journey."""


@dataclass(frozen=True, kw_only=True)
class AdoptionDay:
    """One day, from midnight to midnight UTC.

    `started`, `passkey`, `suspended` and `removed` count people who had ever come so far by the end of the day. The
    other fields count the sign-ins of the day.
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
    """The figures, of one cohort or of everybody (`cohort` is empty).

    `accounts` does not count people who are held out. `steps` and `sms` count people whose journey has started. Each
    step is counted by itself; an SMS state counts as a step for the states before it too. `stuck` holds the counts of
    the desk's list, the most frequent obstacle first: a person counts for each obstacle, and once in `stuck_people`.
    """

    at: datetime
    cohort: str
    accounts: int
    held_out: int
    started: int
    steps: dict[str, int]
    sms: dict[SmsState, int]
    stuck: dict[Obstacle, int]
    stuck_people: int
    days: tuple[AdoptionDay, ...]
    sign_in_times: dict[Method, Spread]

    @property
    def passkey_share(self) -> float | None:
        """The share of passkeys, 0 to 1, in all sign-ins by passkey or text-message code; None without any."""
        by_passkey = sum(day.by_passkey for day in self.days)
        sign_ins = by_passkey + sum(day.by_sms for day in self.days)
        return by_passkey / sign_ins if sign_ins else None


def read(session: Session, *, now: datetime, days: int, cohort_id: str | None = None) -> Adoption:
    """Count the figures; raises Unknown if there is no such cohort.

    This reads all accounts once, and the journal of these days by its index: seconds for a million accounts.
    """
    name = cohorts.get(session, cohort_id).name if cohort_id else ""
    groups = [group for group in census.take(session, now=now) if cohort_id in (None, group.cohort_id)]
    treated = [group for group in groups if group.wave != HOLDOUT]
    moving = [group for group in treated if group.policy_id]
    rules = _policies(session)
    stuck = _hindered(session, now=now, cohort_id=cohort_id)
    return Adoption(
        at=now,
        cohort=name,
        accounts=_members(session, cohort_id) if cohort_id else _sum(treated),
        held_out=_sum(groups) - _sum(treated),
        started=_sum(moving),
        steps=_steps(moving, rules),
        sms={state: _sum([group for group in moving if group.sms is state]) for state in SmsState},
        stuck=_by_obstacle(stuck),
        stuck_people=sum(group.accounts for group in stuck if group.is_weightiest),
        days=_days(session, now=now, days=days, cohort_id=cohort_id),
        sign_in_times=adoption_days.sign_in_times(
            session, since=now - timedelta(days=days), cohort_id=cohort_id
        ),
    )


def _sum(groups: Sequence[Alike]) -> int:
    return sum(group.accounts for group in groups)


def _members(session: Session, cohort_id: str) -> int:
    return census.members(session).get((cohort_id, False), 0)


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
    states = list(SmsState)
    yield from states[1 : states.index(group.sms) + 1]


def _hindered(session: Session, *, now: datetime, cohort_id: str | None) -> list[Hindered]:
    """Everybody who is stuck, or only people whom a cohort has launched, filtered like the desk's list."""
    groups = stuck_census.take(session, now=now)
    if cohort_id is None:
        return groups
    return [group for group in groups if group.cohort_id == cohort_id and group.wave != HOLDOUT]


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
