"""Adds up the people whom a rate counts: all of them, or those of each wave, country or platform."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Float,
    Select,
    Subquery,
    case,
    cast,
    extract,
    func,
    literal,
    null,
    or_,
    select,
)
from sqlmodel import Session, col

from domain.attempts import AttemptEnd, AttemptKind
from domain.journal import EventKind
from domain.rollouts.guardrails import PROMPTED, Metric, Sample
from domain.rollouts.slices import MOST_BROWSERS, Dimension, platform_of
from domain.software import browser_label
from store.engine.types import Instant
from store.people.accounts import Account
from store.people.attempts import Attempt
from store.people.journal import JournalEntry
from store.people.passkeys import Passkey
from store.rollouts.guardrail_rates import Counted
from store.rollouts.members import Member
from store.rollouts.risk import Scope

_SECONDS_A_DAY = 86_400


def together(session: Session, scope: Scope, counted: Counted) -> Sample:
    """All of them as one sample."""
    rows = counted.subquery()
    long_enough = rows.c.began_at <= literal(scope.watched_since or scope.until, Instant())
    is_watched = case((or_(long_enough, rows.c.hit_at.is_not(None)), 1), else_=null())
    query = select(func.count(rows.c.hit_at), func.count(), func.count(is_watched)).select_from(rows)
    hits, size, watched = session.execute(query).one()
    return Sample(hits=hits, size=size, watched=watched)


def with_days(session: Session, scope: Scope, at_risk: Counted) -> tuple[Sample, datetime | None]:
    """All of them with their days at risk, each counted until the first hit; and since when anybody was at risk."""
    rows = at_risk.subquery()
    query = select(
        func.count(rows.c.hit_at),
        func.count(),
        func.coalesce(func.sum(_days(scope, rows)), 0.0),
        func.min(_entered(scope, rows)),
    )
    hits, size, days, begins = session.execute(query).one()
    return Sample(hits=hits, size=size, days=max(days, 0.0)), begins


def by_wave(session: Session, scope: Scope, counted: Counted) -> dict[int, Sample]:
    """A sample for each wave that has people in it; waves are counted from 0."""
    return dict(_grouped(session, _with_wave(scope, counted)))


def by(
    session: Session, scope: Scope, counted: Counted, metric: Metric, dimension: Dimension
) -> dict[str, Sample]:
    """A sample for each slice, by its name; people whose country or platform nobody knows are in none."""
    match dimension:
        case Dimension.WAVE:
            waves = by_wave(session, scope, counted)
            return {str(wave + 1): waves[wave] for wave in sorted(waves)}
        case Dimension.COUNTRY:
            countries = _grouped(session, _with_country(counted))
            return dict(countries)
        case Dimension.BROWSER:
            return _by_browser(session, counted)
        case Dimension.PROVIDER:
            return _by_provider(session, counted)
    return _by_platform(session, counted, metric)


def _by_browser(session: Session, counted: Counted) -> dict[str, Sample]:
    """By the browser that has shown the prompt last; a prompt of which nobody knows the browser is in no slice."""
    rows = counted.subquery()
    shown = (col(Attempt.kind) == AttemptKind.PROMPT) & (col(Attempt.outcome) == AttemptEnd.SHOWN)
    latest = _latest_attempt(rows, col(Attempt.attempt_id), shown)
    columns = (col(Attempt.browser), col(Attempt.browser_major))
    joined = select(*columns, func.count(rows.c.hit_at), func.count()).select_from(rows)
    query = joined.join(Attempt, col(Attempt.attempt_id) == latest).group_by(*columns)
    by_name = {
        browser_label(browser, major): Sample(hits=hits, size=size)
        for browser, major, hits, size in session.execute(query)
    }
    largest = sorted((name for name in by_name if name), key=lambda name: (-by_name[name].size, name))
    return {name: by_name[name] for name in largest[:MOST_BROWSERS]}


def _by_provider(session: Session, counted: Counted) -> dict[str, Sample]:
    """By who keeps the passkey that somebody made or used last."""
    rows = counted.subquery()
    provider = _latest_attempt(rows, col(Attempt.provider), col(Attempt.provider) != "")
    return dict(_grouped(session, select(provider.label("name"), rows.c.hit_at).subquery()))


def _latest_attempt(rows: Subquery, column: Any, condition: ColumnElement[bool]) -> Any:
    query = select(column).where(col(Attempt.account_id) == rows.c.account_id, condition)
    return (
        query.order_by(col(Attempt.at).desc(), col(Attempt.attempt_id).desc())
        .limit(1)
        .correlate(rows)
        .scalar_subquery()
    )


def _by_platform(session: Session, counted: Counted, metric: Metric) -> dict[str, Sample]:
    hits: defaultdict[str, int] = defaultdict(int)
    sizes: defaultdict[str, int] = defaultdict(int)
    for device, sample in _grouped(session, _with_device(counted, metric)):
        if platform := platform_of(device):
            hits[platform] += sample.hits
            sizes[platform] += sample.size
    return {platform: Sample(hits=hits[platform], size=size) for platform, size in sorted(sizes.items())}


def _grouped(session: Session, named: Subquery) -> Iterator[tuple[Any, Sample]]:
    query = select(named.c.name, func.count(named.c.hit_at), func.count()).where(named.c.name.is_not(None))
    for name, hits, size in session.execute(query.group_by(named.c.name).order_by(named.c.name)):
        yield name, Sample(hits=hits, size=size)


def _with_wave(scope: Scope, counted: Counted) -> Subquery:
    rows = counted.subquery()
    named = select(col(Member.wave).label("name"), rows.c.hit_at)
    joined = named.join(rows, rows.c.account_id == col(Member.account_id))
    return joined.where(col(Member.cohort_id) == scope.cohort_id).subquery()


def _with_country(counted: Counted) -> Subquery:
    rows = counted.subquery()
    named = select(col(Account.country).label("name"), rows.c.hit_at)
    return named.join(rows, rows.c.account_id == col(Account.account_id)).subquery()


def _with_device(counted: Counted, metric: Metric) -> Subquery:
    rows = counted.subquery()
    device = _prompts_device(rows) if metric in PROMPTED else _passkeys_device(rows)
    return select(device.label("name"), rows.c.hit_at).subquery()


def _prompts_device(rows: Subquery) -> ColumnElement[str | None]:
    """Never the device of a failed ceremony or of a passkey: a slice by outcome has a rate of all or nothing."""
    query: Select[str | None] = select(col(JournalEntry.detail)["platform"].as_string())
    seen = query.where(
        col(JournalEntry.account_id) == rows.c.account_id,
        col(JournalEntry.kind) == EventKind.PROMPT_SEEN,
        col(JournalEntry.detail)["capable"].as_boolean().is_(True),
    )
    return seen.order_by(col(JournalEntry.entry_id).desc()).limit(1).scalar_subquery()


def _passkeys_device(rows: Subquery) -> ColumnElement[str | None]:
    query = select(col(Passkey.platform)).where(col(Passkey.account_id) == rows.c.account_id)
    return (
        query.order_by(col(Passkey.bound_at).desc(), col(Passkey.passkey_id).desc())
        .limit(1)
        .scalar_subquery()
    )


def _entered(scope: Scope, rows: Subquery) -> ColumnElement[datetime]:
    since = literal(scope.since, Instant())
    return case((rows.c.began_at > since, rows.c.began_at), else_=since)


def _days(scope: Scope, rows: Subquery) -> ColumnElement[Any]:
    until = func.coalesce(rows.c.hit_at, rows.c.ended_at, literal(scope.until, Instant()), type_=Instant())
    begins = _entered(scope, rows)
    if scope.is_sqlite:
        return func.julianday(until) - func.julianday(begins)
    return cast(extract("epoch", until - begins), Float) / _SECONDS_A_DAY
