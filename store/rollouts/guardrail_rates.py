"""The queries of the guardrails' metrics: each counts accounts or messages, and how many of them were hit."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    Interval,
    Select,
    SQLColumnExpression,
    and_,
    distinct,
    exists,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.orm import aliased
from sqlmodel import col

from domain.facts import SmsState
from domain.journal import Actor, EventKind
from domain.messages.messages import LIFETIMES, NOT_ARRIVED, MessageState
from domain.rollouts.guardrails import Metric
from store.messages.messages import Message
from store.people.journal import JournalEntry
from store.rollouts.members import Member

RESOLVED_WITHIN = timedelta(hours=1)
"""A person who gets in this soon after a failed attempt has only mistyped something."""

_EVER = datetime(1970, 1, 1, tzinfo=UTC)
_At = SQLColumnExpression[datetime] | SQLColumnExpression[datetime | None]

_GOT_IN = (EventKind.SIGNED_IN, EventKind.PASSKEY_SIGNED_IN)
_SMS_IS_OFF = (f"sms_{SmsState.SUSPENDED}", f"sms_{SmsState.REMOVED}")
_SAID_NO = (
    EventKind.CANNOT_NOW,
    EventKind.REMINDERS_STOPPED,
    EventKind.TEXTS_STOPPED,
    EventKind.MESSAGE_UNSUBSCRIBED,
    EventKind.MESSAGE_SPAM_REPORTED,
)
_HANDED_OVER = (MessageState.SENT, MessageState.FAILED, MessageState.UNKNOWN)


@dataclass(frozen=True, kw_only=True)
class Scope:
    """The members whose entries count, and from when on. `is_sqlite`: the databases add times differently."""

    cohort_id: str
    held_out: bool
    since: datetime
    is_sqlite: bool


def query(metric: Metric, scope: Scope) -> Select[int, int]:
    """The query of a metric; it answers with hits and size."""
    return _QUERIES[metric](scope)


def _lock_outs(scope: Scope) -> Select[int, int]:
    reason = col(JournalEntry.detail)["reason"].as_string()
    is_refused = and_(_is(EventKind.SIGN_IN_FAILED), reason.in_(_SMS_IS_OFF))
    is_rescued = _is(EventKind.RECOVERY_CODE_USED, EventKind.RESCUED)
    return _share(scope, _firsts(scope, EventKind.SMS_SUSPENDED), is_rescued | is_refused)


def _sign_in_failures(scope: Scope) -> Select[int, int]:
    """For launched members, only attempts after the end of text-message codes count: it caused none before."""
    tried = _firsts(scope, *_GOT_IN, EventKind.SIGN_IN_FAILED)
    if not scope.held_out:
        off = _firsts(replace(scope, since=_EVER), EventKind.SMS_SUSPENDED).cte("off")
        tried = tried.join(off, off.c.account_id == JournalEntry.account_id)
        tried = tried.where(col(JournalEntry.entry_id) > off.c.entry_id)
    shut_out = _is(EventKind.SIGN_IN_FAILED) & ~_later(*_GOT_IN, by=_resolved_by(scope))
    return _share(scope, tried, shut_out)


def _sms_restores(scope: Scope) -> Select[int, int]:
    by_themselves = _is(EventKind.SMS_RESTORED) & (col(JournalEntry.actor) == Actor.PERSON)
    return _share(scope, _firsts(scope, EventKind.SMS_SUSPENDED), by_themselves)


def _prompt_failures(scope: Scope) -> Select[int, int]:
    came_right = _later(EventKind.PASSKEY_BOUND, EventKind.PASSKEY_SIGNED_IN)
    return _share(scope, _exposed(scope), _is(EventKind.CEREMONY_FAILED) & ~came_right)


def _undelivered(scope: Scope) -> Select[int, int]:
    """Counts messages that were tried, and messages that a provider refused or could not deliver."""
    is_lost = or_(col(Message.state) == MessageState.FAILED, col(Message.fate).in_(NOT_ARRIVED))
    failed = func.count().filter(is_lost)
    tried = select(failed, func.count()).join(Member, col(Member.account_id) == Message.account_id)
    settled = col(Message.settled_at)
    return tried.where(
        # A message settled since then was created at most a lifetime earlier; the index is by creation.
        col(Message.created_at) >= scope.since - max(LIFETIMES.values()),
        settled >= scope.since,
        _in_scope(scope, settled),
        col(Message.state).in_(_HANDED_OVER),
        col(Message.gathered_in).is_(None),  # its gathered message was tried
    )


def _opt_outs(scope: Scope) -> Select[int, int]:
    """Providers report spam complaints and clicks on a mail program's unsubscribe button; pages record the rest."""
    return _share(scope, _exposed(scope), _is(*_SAID_NO))


def _support_cases(scope: Scope) -> Select[int, int]:
    counted = _firsts(scope, EventKind.SMS_SUSPENDED)
    if scope.held_out:
        everybody = select(col(Member.account_id), literal(0).label("entry_id"))
        counted = everybody.where(_in_scope(scope, literal(scope.since)))
    return _share(scope, counted, _is(EventKind.SUPPORT_CASE))


_QUERIES: dict[Metric, Callable[[Scope], Select[int, int]]] = {
    Metric.LOCK_OUTS: _lock_outs,
    Metric.SIGN_IN_FAILURES: _sign_in_failures,
    Metric.SMS_RESTORES: _sms_restores,
    Metric.PROMPT_FAILURES: _prompt_failures,
    Metric.UNDELIVERED: _undelivered,
    Metric.OPT_OUTS: _opt_outs,
    Metric.SUPPORT_CASES: _support_cases,
}


def _share(scope: Scope, counted: Select[str, int | None], happened: ColumnElement[bool]) -> Select[int, int]:
    """Counts accounts, and accounts to which `happened` applies at their entry in `counted` or later."""
    population = counted.cte("counted")
    hits = (
        select(func.count(distinct(col(JournalEntry.account_id))))
        .join(population, population.c.account_id == JournalEntry.account_id)
        .where(
            happened, col(JournalEntry.at) >= scope.since, col(JournalEntry.entry_id) >= population.c.entry_id
        )
    )
    size = select(func.count()).select_from(population)
    return select(hits.scalar_subquery(), size.scalar_subquery())


def _exposed(scope: Scope) -> Select[str, int | None]:
    is_capable = col(JournalEntry.detail)["capable"].as_boolean().is_(True)
    return _firsts(scope, EventKind.PROMPT_SEEN).where(is_capable)


def _firsts(scope: Scope, *kinds: EventKind) -> Select[str, int | None]:
    """The members with an entry of these kinds, each with the first such entry."""
    account_id, at = col(JournalEntry.account_id), col(JournalEntry.at)
    return (
        select(account_id, func.min(JournalEntry.entry_id).label("entry_id"))
        .join(Member, col(Member.account_id) == account_id)
        .where(_is(*kinds), at >= scope.since, _in_scope(scope, at))
        .group_by(account_id)
    )


def _in_scope(
    scope: Scope, at: SQLColumnExpression[datetime] | SQLColumnExpression[datetime | None]
) -> ColumnElement[bool]:
    """Whether a member belongs to the scope; for launched members, also whether `at` is after the launch."""
    of_cohort = and_(col(Member.cohort_id) == scope.cohort_id, col(Member.held_out).is_(scope.held_out))
    return of_cohort if scope.held_out else and_(of_cohort, at >= Member.launched_at)


def _is(*kinds: EventKind) -> ColumnElement[bool]:
    return col(JournalEntry.kind).in_(kinds)


def _later(*kinds: EventKind, by: ColumnElement[datetime] | None = None) -> ColumnElement[bool]:
    """Whether an entry of these kinds follows for the same account; at the time `by` at the latest, if given."""
    later_entry = aliased(JournalEntry)
    follows = exists().where(
        col(later_entry.account_id) == JournalEntry.account_id,
        col(later_entry.entry_id) > JournalEntry.entry_id,
        col(later_entry.kind).in_(kinds),
    )
    return follows if by is None else follows.where(col(later_entry.at) <= by)


def _resolved_by(scope: Scope) -> ColumnElement[datetime]:
    at = col(JournalEntry.at)
    if scope.is_sqlite:  # SQLite keeps times as text; its own format ends in milliseconds, so zeros are added
        later = f"+{RESOLVED_WITHIN.total_seconds():g} seconds"
        return func.strftime("%Y-%m-%d %H:%M:%f000", at, later)
    return at + literal(RESOLVED_WITHIN, Interval())
