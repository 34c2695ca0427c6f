"""Counts journal entries day by day. The index by kind and time answers, so only the wanted days are read."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from statistics import quantiles
from typing import Any

from sqlalchemy import ColumnElement, Date, Select, distinct, exists, func, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from domain.facts import Method
from domain.journal import EventKind
from store.journeys.journeys import Journey
from store.people.journal import JournalEntry
from store.rollouts.members import Member

SAMPLE = 2000
"""How many of the latest sign-ins are measured; more would not give a better answer."""

_STEPS = {
    EventKind.JOURNEY_STARTED: "started",
    EventKind.PASSKEY_BOUND: "passkey",
    EventKind.SMS_SUSPENDED: "suspended",
    EventKind.SMS_REMOVED: "removed",
}


@dataclass(frozen=True, kw_only=True)
class Spread:
    """How long something took, in seconds: half of a sample lies between the quartiles."""

    sample: int
    lower: float
    median: float
    upper: float


def people(session: Session, dates: Sequence[date], *, cohort_id: str | None) -> dict[date, dict[str, int]]:
    """How many people on the way had ever come how far by the end of each day, by date and then by step."""
    earlier_counts, firsts = _before(session, dates[0], cohort_id), _firsts(session, dates, cohort_id)
    sums = {
        name: list(accumulate([firsts[day, kind] for day in dates], initial=earlier_counts[kind]))[1:]
        for kind, name in _STEPS.items()
    }
    return {day: {name: counts[number] for name, counts in sums.items()} for number, day in enumerate(dates)}


def sign_ins(
    session: Session, dates: Sequence[date], *, cohort_id: str | None
) -> Counter[tuple[date, Method]]:
    """Sign-ins that succeeded, by day and method."""
    method_column = col(JournalEntry.detail)["method"].as_string()
    day = _day(session)
    in_days = (col(JournalEntry.at) >= _midnight(dates[0]), col(JournalEntry.at) < _after(dates))
    by_passkey = _of(
        select(day, func.count()).where(_is(EventKind.PASSKEY_SIGNED_IN), *in_days).group_by(day), cohort_id
    )
    otherwise = _of(
        select(day, method_column, func.count())
        .where(_is(EventKind.SIGNED_IN), *in_days)
        .group_by(day, method_column),
        cohort_id,
    )
    counts: Counter[tuple[date, Method]] = Counter()
    for when, count in session.execute(by_passkey):
        counts[_date(when), Method.PASSKEY] += count
    for when, method, count in session.execute(otherwise):
        counts[_date(when), Method(method)] += count
    return counts


def happened(
    session: Session, dates: Sequence[date], kinds: Collection[EventKind]
) -> Counter[tuple[date, EventKind]]:
    """How often each kind of entry was written on each of some days that follow each other, in UTC."""
    kind, day = col(JournalEntry.kind), _day(session)
    query = (
        select(day, kind, func.count())
        .where(_is(*kinds), col(JournalEntry.at) >= _midnight(dates[0]), col(JournalEntry.at) < _after(dates))
        .group_by(day, kind)
    )
    return Counter(
        {(_date(when), EventKind(kind_of)): count for when, kind_of, count in session.execute(query)}
    )


def sign_in_times(session: Session, *, since: datetime, cohort_id: str | None) -> dict[Method, Spread]:
    """How long the latest sign-ins took from the request to the new session, by passkey and by text-message code."""
    by_sms = col(JournalEntry.detail)["method"].as_string() == Method.SMS
    kinds = {
        Method.PASSKEY: (_is(EventKind.PASSKEY_SIGNED_IN),),
        Method.SMS: (_is(EventKind.SIGNED_IN), by_sms),
    }
    spreads = {}
    for method, conditions in kinds.items():
        query = select(col(JournalEntry.detail)).where(*conditions, col(JournalEntry.at) >= since)
        query = _of(query.order_by(col(JournalEntry.at).desc()).limit(SAMPLE), cohort_id)
        seconds = [
            detail["milliseconds"] / 1000 for (detail,) in session.execute(query) if "milliseconds" in detail
        ]
        if seconds:
            spreads[method] = _spread(seconds)
    return spreads


def _spread(seconds: list[float]) -> Spread:
    lower, median, upper = quantiles(seconds, n=4, method="inclusive") if len(seconds) > 1 else seconds * 3
    return Spread(sample=len(seconds), lower=lower, median=median, upper=upper)


def _before(session: Session, first_date: date, cohort_id: str | None) -> Counter[str]:
    kind: Any = col(JournalEntry.kind)
    query = select(kind, func.count(distinct(col(JournalEntry.account_id))))
    query = query.where(_is(*_STEPS), col(JournalEntry.at) < _midnight(first_date)).group_by(kind)
    counts: Counter[str] = Counter()
    for kind_of, count in session.execute(_of(_on_the_way(query), cohort_id)):
        counts[kind_of] = count
    return counts


def _firsts(session: Session, dates: Sequence[date], cohort_id: str | None) -> Counter[tuple[date, str]]:
    """How many entries were the first of their kind for their account, by day and kind."""
    earlier = aliased(JournalEntry)
    is_repeated = exists().where(
        col(earlier.account_id) == JournalEntry.account_id,
        col(earlier.entry_id) < JournalEntry.entry_id,
        col(earlier.kind) == JournalEntry.kind,
    )
    kind, day = col(JournalEntry.kind), _day(session)
    query = select(day, kind, func.count()).where(
        _is(*_STEPS),
        col(JournalEntry.at) >= _midnight(dates[0]),
        col(JournalEntry.at) < _after(dates),
        ~is_repeated,
    )
    counts: Counter[tuple[date, str]] = Counter()
    for when, kind_of, count in session.execute(_of(_on_the_way(query.group_by(day, kind)), cohort_id)):
        counts[_date(when), kind_of] += count
    return counts


def _on_the_way(query: Select[Any]) -> Select[Any]:
    """The query, limited to people whose journey has started: a passkey that somebody else has is no step."""
    return query.join(Journey, col(Journey.account_id) == JournalEntry.account_id)


def _of(query: Select[Any], cohort_id: str | None) -> Select[Any]:
    """The query, limited to members whom the cohort has launched; without a cohort, the query as it is."""
    if cohort_id is None:
        return query
    is_launched = (col(Member.cohort_id) == cohort_id) & col(Member.launched_at).is_not(None)
    return query.join(Member, (col(Member.account_id) == JournalEntry.account_id) & is_launched)


def _is(*kinds: EventKind) -> ColumnElement[bool]:
    return col(JournalEntry.kind).in_(kinds)


def _day(session: Session) -> ColumnElement[Any]:
    at = col(JournalEntry.at)
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    return func.date(at) if is_sqlite else func.timezone("UTC", at).cast(Date)


def _date(day: date | str) -> date:
    return date.fromisoformat(day) if isinstance(day, str) else day


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _after(dates: Sequence[date]) -> datetime:
    return _midnight(dates[-1] + timedelta(days=1))
