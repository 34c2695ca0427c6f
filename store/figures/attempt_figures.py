"""What fails where, and how often people who have a passkey sign in by a text-message code all the same."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median
from typing import Any

from sqlalchemy import Row, Select, func, select
from sqlmodel import Session, col

from domain.attempts import (
    CEREMONIES,
    CEREMONY_FACETS,
    HOLDER_FACETS,
    NOT_SAID,
    AttemptEnd,
    AttemptKind,
    Facet,
)
from domain.facts import Method
from domain.software import browser_label
from store.people.accounts import Account
from store.people.attempts import Attempt
from store.rollouts import cohorts
from store.rollouts.members import Member

SAMPLE = 5000
"""How many of the latest ceremonies are timed; more would not give a better answer."""


@dataclass(frozen=True, kw_only=True)
class CeremonyCount:
    """How the ceremonies of one slice ended; `value` is empty where nobody knows it. `seconds` is the median of those
    that succeeded, None if none of them was timed.
    """

    facet: Facet
    value: str
    kind: AttemptKind
    succeeded: int = 0
    given_up: int = 0
    failed: int = 0
    refused: int = 0
    seconds: float | None = None

    @property
    def tried(self) -> int:
        """All of them."""
        return self.succeeded + self.given_up + self.failed + self.refused

    @property
    def share(self) -> float:
        """The share of those that did not succeed, 0 to 1."""
        return 1 - self.succeeded / self.tried if self.tried else 0.0


@dataclass(frozen=True, kw_only=True)
class HolderCount:
    """The sign-ins of people who have a passkey, of one slice, and those by a text-message code among them."""

    facet: Facet
    value: str
    sign_ins: int
    by_sms: int

    @property
    def share(self) -> float:
        """The share of text-message codes, 0 to 1."""
        return self.by_sms / self.sign_ins if self.sign_ins else 0.0


@dataclass(frozen=True, kw_only=True)
class AttemptFigures:
    """The figures of a stretch of time. In each tuple the slices come by their facet, the largest first.

    `failures` counts the reasons of ceremonies that did not succeed, `prompts` what became of prompts, and
    `sms_reasons` why people who have a passkey signed in by a text-message code.
    """

    since: datetime
    ceremonies: tuple[CeremonyCount, ...] = ()
    holders: tuple[HolderCount, ...] = ()
    failures: dict[tuple[AttemptKind, AttemptEnd, str], int] = field(default_factory=dict)
    prompts: dict[AttemptEnd, int] = field(default_factory=dict)
    sms_reasons: dict[str, int] = field(default_factory=dict)
    sign_ins: int = 0
    by_sms: int = 0

    @property
    def sms_share(self) -> float | None:
        """The share of text-message codes in the sign-ins of people who have a passkey; None without any."""
        return self.by_sms / self.sign_ins if self.sign_ins else None


_BY_TEXT = (Method.SMS, Method.SMS_AFTER_END)


def read(session: Session, *, since: datetime, cohort_id: str | None = None) -> AttemptFigures:
    """Count what happened since then, of everybody or of the people whom a cohort has launched."""
    rows = session.execute(_of(_ceremonies(since), cohort_id)).all()
    holders = session.execute(_of(_holders(since), cohort_id)).all()
    names = {row.cohort_id: row.name for row in cohorts.every(session)}
    by_sms = [row for row in holders if row.method in _BY_TEXT]
    return AttemptFigures(
        since=since,
        ceremonies=tuple(_ceremony_counts(rows, _times(session, since, cohort_id))),
        holders=tuple(_holder_counts(holders, names)),
        failures=_failures(rows),
        prompts=_prompts(session, since, cohort_id),
        sms_reasons=dict(_added((row.reason or NOT_SAID, row.number) for row in by_sms).most_common()),
        sign_ins=sum(row.number for row in holders),
        by_sms=sum(row.number for row in by_sms),
    )


def _ceremonies(since: datetime) -> Any:
    columns = (
        *(col(Attempt.kind), col(Attempt.outcome), col(Attempt.reason), col(Attempt.occasion)),
        *(col(Attempt.system), col(Attempt.browser), col(Attempt.browser_major), col(Attempt.provider)),
    )
    query = select(*columns, func.count().label("number"))
    return query.where(col(Attempt.at) >= since, col(Attempt.kind).in_(CEREMONIES)).group_by(*columns)


def _holders(since: datetime) -> Any:
    launched_by = (
        select(col(Member.cohort_id))
        .where(col(Member.account_id) == Attempt.account_id, col(Member.launched_at).is_not(None))
        .limit(1)
        .scalar_subquery()
    )
    columns = (
        *(col(Attempt.method), col(Attempt.reason), col(Attempt.system), col(Attempt.browser)),
        *(col(Attempt.browser_major), col(Attempt.provider), col(Account.country)),
        launched_by.label("cohort_id"),
    )
    query = select(*columns, func.count().label("number")).outerjoin(
        Account, col(Account.account_id) == Attempt.account_id
    )
    is_sign_in = (col(Attempt.at) >= since, col(Attempt.holds_passkey), col(Attempt.method) != "")
    return query.where(*is_sign_in).group_by(*columns)


def _of(query: Any, cohort_id: str | None) -> Select[Any]:
    """The query, limited to members whom the cohort has launched."""
    limited: Select[Any] = query
    if cohort_id is None:
        return limited
    is_launched = (col(Member.cohort_id) == cohort_id) & col(Member.launched_at).is_not(None)
    return limited.where(
        col(Attempt.account_id).in_(select(col(Member.account_id)).where(is_launched).correlate(None))
    )


def _value(row: Row[Any], facet: Facet, names: Mapping[str, str] = {}) -> str:
    match facet:
        case Facet.PLATFORM:
            return str(row.system)
        case Facet.BROWSER:
            return browser_label(row.browser, row.browser_major)
        case Facet.COHORT:
            return names.get(row.cohort_id, "")
        case Facet.COUNTRY:
            return row.country or ""
    return str(getattr(row, facet))


def _ceremony_counts(
    rows: Sequence[Row[Any]], times: dict[tuple[Facet, str, str], float]
) -> Iterator[CeremonyCount]:
    for facet in CEREMONY_FACETS:
        ends: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        for row in rows:
            ends[_value(row, facet), row.kind][row.outcome] += row.number
        counts = [
            CeremonyCount(
                facet=facet,
                value=value,
                kind=AttemptKind(kind),
                seconds=times.get((facet, value, kind)),
                **{name: counted[name] for name in ("succeeded", "given_up", "failed", "refused")},
            )
            for (value, kind), counted in ends.items()
        ]
        yield from sorted(counts, key=lambda count: (-count.tried, count.value, count.kind))


def _times(session: Session, since: datetime, cohort_id: str | None) -> dict[tuple[Facet, str, str], float]:
    """The median seconds of the latest ceremonies that succeeded, by slice and kind."""
    columns = (
        *(col(Attempt.kind), col(Attempt.occasion), col(Attempt.system), col(Attempt.browser)),
        *(col(Attempt.browser_major), col(Attempt.provider), col(Attempt.milliseconds)),
    )
    query = select(*columns).where(
        col(Attempt.at) >= since,
        col(Attempt.kind).in_(CEREMONIES),
        col(Attempt.outcome) == AttemptEnd.SUCCEEDED,
        col(Attempt.milliseconds).is_not(None),
    )
    latest = _of(query, cohort_id).order_by(col(Attempt.at).desc()).limit(SAMPLE)
    seconds: defaultdict[tuple[Facet, str, str], list[float]] = defaultdict(list)
    for row in session.execute(latest):
        for facet in CEREMONY_FACETS:
            seconds[facet, _value(row, facet), row.kind].append(row.milliseconds / 1000)
    return {slice_of: median(durations) for slice_of, durations in seconds.items()}


def _holder_counts(rows: Sequence[Row[Any]], names: Mapping[str, str]) -> Iterator[HolderCount]:
    for facet in HOLDER_FACETS:
        sign_ins = _added((_value(row, facet, names), row.number) for row in rows)
        by_sms = _added((_value(row, facet, names), row.number) for row in rows if row.method in _BY_TEXT)
        for value, count in sorted(sign_ins.items(), key=lambda item: (-item[1], item[0])):
            yield HolderCount(facet=facet, value=value, sign_ins=count, by_sms=by_sms[value])


def _failures(rows: Sequence[Row[Any]]) -> dict[tuple[AttemptKind, AttemptEnd, str], int]:
    counts = _added(
        ((AttemptKind(row.kind), AttemptEnd(row.outcome), row.reason), row.number)
        for row in rows
        if row.outcome != AttemptEnd.SUCCEEDED
    )
    return dict(counts.most_common())


def _prompts(session: Session, since: datetime, cohort_id: str | None) -> dict[AttemptEnd, int]:
    query = select(col(Attempt.outcome), func.count()).where(
        col(Attempt.at) >= since, col(Attempt.kind) == AttemptKind.PROMPT
    )
    rows = session.execute(_of(query.group_by(col(Attempt.outcome)), cohort_id))
    return {AttemptEnd(outcome): count for outcome, count in rows}


def _added(counts: Iterator[tuple[Any, int]]) -> Counter[Any]:
    sums: Counter[Any] = Counter()
    for name, count in counts:
        sums[name] += count
    return sums
