"""How far everybody has come, and how that went day by day: the figures of the Adoption page and of the report."""

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
"""What is counted on the way, in the order of a journey."""


@dataclass(frozen=True, kw_only=True)
class AdoptionDay:
    """One day, from midnight to midnight UTC.

    The first four count people who had come so far by its end, for the first time and whatever came after; the others
    count sign-ins of that day.
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

    `accounts` leaves out who is held out. `steps` and `sms` are of those whose journey has started; each step is
    counted for itself, and whoever was suspended has had notice. `stuck` are the counts of the desk's list, the most
    frequent first: whoever has several reasons counts for each, and once in `stuck_people`.
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
        """Sign-ins by passkey, of all by passkey or text-message code in these days; None without any."""
        by_passkey = sum(day.by_passkey for day in self.days)
        both = by_passkey + sum(day.by_sms for day in self.days)
        return by_passkey / both if both else None


def read(session: Session, *, now: datetime, days: int, cohort_id: str | None = None) -> Adoption:
    """Count. All accounts are walked once, and the journal of these days by its index: seconds for a million.

    Raises Unknown.
    """
    name = cohorts.get(session, cohort_id).name if cohort_id else ""
    everybody = [one for one in census.take(session, now=now) if cohort_id in (None, one.cohort_id)]
    treated = [one for one in everybody if one.wave != HOLDOUT]
    moving = [one for one in treated if one.policy_id]
    rules = _policies(session)
    stuck = _hindered(session, now=now, cohort_id=cohort_id)
    return Adoption(
        at=now,
        cohort=name,
        accounts=_members(session, cohort_id) if cohort_id else _sum(treated),
        held_out=_sum(everybody) - _sum(treated),
        started=_sum(moving),
        steps=_steps(moving, rules),
        sms={state: _sum([one for one in moving if one.sms is state]) for state in SmsState},
        stuck=_by_obstacle(stuck),
        stuck_people=sum(one.accounts for one in stuck if one.is_weightiest),
        days=_days(session, now=now, days=days, cohort_id=cohort_id),
        sign_in_times=adoption_days.sign_in_times(
            session, since=now - timedelta(days=days), cohort_id=cohort_id
        ),
    )


def _sum(counted: Sequence[Alike]) -> int:
    return sum(one.accounts for one in counted)


def _members(session: Session, cohort_id: str) -> int:
    return census.members(session).get((cohort_id, False), 0)


def _policies(session: Session) -> dict[str, Policy]:
    ids = session.exec(select(StoredPolicy.policy_id)).all()
    return {policy_id: policies.get(session, policy_id) for policy_id in ids}


def _steps(moving: Sequence[Alike], rules: dict[str, Policy]) -> dict[str, int]:
    counts = Counter(dict.fromkeys(STEPS, 0))
    for one in moving:
        for step in _taken(one, rules[one.policy_id or ""]):
            counts[step] += one.accounts
    return dict(counts)


def _taken(one: Alike, policy: Policy) -> Iterator[str]:
    yield from (milestone for milestone in Milestone if reached(milestone, one.facts, policy))
    states = list(SmsState)
    yield from states[1 : states.index(one.sms) + 1]


def _hindered(session: Session, *, now: datetime, cohort_id: str | None) -> list[Hindered]:
    """Everybody, or those whom a cohort has launched, as the desk's list filters them."""
    everybody = stuck_census.take(session, now=now)
    if cohort_id is None:
        return everybody
    return [one for one in everybody if one.cohort_id == cohort_id and one.wave != HOLDOUT]


def _by_obstacle(stuck: Sequence[Hindered]) -> dict[Obstacle, int]:
    counts: Counter[Obstacle] = Counter()
    for one in stuck:
        counts[one.obstacle] += one.accounts
    return dict(counts.most_common())


def _days(session: Session, *, now: datetime, days: int, cohort_id: str | None) -> tuple[AdoptionDay, ...]:
    first = now.date() - timedelta(days=days - 1)
    dates = [first + timedelta(days=number) for number in range(days)]
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
