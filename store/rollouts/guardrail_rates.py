"""The queries of the guardrails' metrics: whom each of them counts, and who of those was hit, and when."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import (
    CTE,
    ColumnElement,
    Interval,
    Select,
    and_,
    case,
    exists,
    func,
    literal,
    null,
    or_,
    select,
)
from sqlalchemy.orm import aliased
from sqlmodel import col

from domain.facts import SmsState
from domain.journal import Actor, EventKind
from domain.journey import StuckReason
from domain.messages.messages import LIFETIMES, NOT_ARRIVED, MessageState
from domain.rollouts.guardrails import Metric
from store.engine.types import Instant
from store.journeys.journeys import Journey
from store.messages.messages import Message
from store.people.accounts import Account
from store.people.journal import JournalEntry
from store.rollouts import risk
from store.rollouts.members import Member
from store.rollouts.risk import AtRisk, Scope

RESOLVED_WITHIN = timedelta(hours=1)
"""A person who gets in this soon after a failed attempt has only mistyped something."""

Counted = Select[str, datetime, datetime | None, datetime | None]
"""A row for each person or message that counts: `account_id`, `began_at`, `ended_at`, and `hit_at` if it was hit."""

_GOT_IN = (EventKind.SIGNED_IN, EventKind.PASSKEY_SIGNED_IN)
_SMS_IS_OFF = (f"sms_{SmsState.SUSPENDED}", f"sms_{SmsState.REMOVED}")
_NO_MORE_REMINDERS = (
    EventKind.REMINDERS_STOPPED,
    EventKind.TEXTS_STOPPED,
    EventKind.MESSAGE_UNSUBSCRIBED,
    EventKind.MESSAGE_SPAM_REPORTED,
)
_HANDED_OVER = (MessageState.SENT, MessageState.FAILED, MessageState.UNKNOWN)


def counted(metric: Metric, scope: Scope) -> Counted:
    """Whom or what a metric's rate counts in a window, each with its first hit in it."""
    return _QUERIES[metric](scope)


def at_risk(metric: Metric, scope: Scope) -> Counted:
    """Everybody at risk in a window, whether they did anything or not, each with their first hit in it.

    It differs from `counted` for failed sign-ins alone: time without a sign-in is time at risk of a failure as well.
    """
    return _failures_at_risk(scope) if metric is Metric.SIGN_IN_FAILURES else counted(metric, scope)


def _lock_outs(scope: Scope) -> Counted:
    reason = col(JournalEntry.detail)["reason"].as_string()
    is_refused = and_(_is(EventKind.SIGN_IN_FAILED), reason.in_(_SMS_IS_OFF))
    is_rescued = _is(EventKind.RECOVERY_CODE_USED, EventKind.RESCUED)
    return _with_hits(scope, risk.without_sms(scope), is_rescued | is_refused)


def _sign_in_failures(scope: Scope) -> Counted:
    """For launched members, only attempts after the end of text-message codes count: it caused none before."""
    people = _untouched_or_without_sms(scope).cte("people")
    tried = (
        select(
            people.c.account_id,
            func.min(JournalEntry.entry_id).label("entry_id"),
            people.c.began_at,
            people.c.ended_at,
        )
        .join(JournalEntry, col(JournalEntry.account_id) == people.c.account_id)
        .where(
            _is(*_GOT_IN, EventKind.SIGN_IN_FAILED),
            _is_within(scope, people),
            col(JournalEntry.entry_id) > people.c.entry_id,
        )
        .group_by(people.c.account_id, people.c.began_at, people.c.ended_at)
    )
    return _with_hits(scope, tried, _is_shut_out(scope))


def _failures_at_risk(scope: Scope) -> Counted:
    return _with_hits(scope, _untouched_or_without_sms(scope), _is_shut_out(scope))


def _sms_restores(scope: Scope) -> Counted:
    by_themselves = _is(EventKind.SMS_RESTORED) & (col(JournalEntry.actor) == Actor.PERSON)
    ends = (EventKind.SMS_RESTORED, EventKind.SMS_REMOVED)
    return _with_hits(scope, risk.without_sms(scope, ends=ends), by_themselves)


def _prompt_failures(scope: Scope) -> Counted:
    came_right = _later(EventKind.PASSKEY_BOUND, EventKind.PASSKEY_SIGNED_IN)
    return _with_hits(scope, risk.people_asked(scope), _is(EventKind.CEREMONY_FAILED) & ~came_right)


def _undelivered(scope: Scope) -> Counted:
    """Counts messages that were tried, and messages that a provider refused or could not deliver."""
    is_lost = or_(col(Message.state) == MessageState.FAILED, col(Message.fate).in_(NOT_ARRIVED))
    settled, entered_since = col(Message.settled_at), scope.entered_since or scope.since
    # A message settled since then was created at most a lifetime earlier; the index is by creation.
    created_since = entered_since if scope.entered_since else scope.since - max(LIFETIMES.values())
    return (
        select(
            col(Message.account_id),
            settled.label("began_at"),
            literal(None, Instant()).label("ended_at"),
            case((is_lost, settled), else_=null()).label("hit_at"),
        )
        .join(Member, col(Member.account_id) == Message.account_id)
        .join(Account, col(Account.account_id) == Member.account_id)
        .outerjoin(Journey, col(Journey.account_id) == Member.account_id)
        .where(
            col(Message.created_at) >= created_since,
            settled >= scope.since,
            settled <= scope.until,
            risk.in_cohort(scope),
            ~risk.left_before(settled) if scope.held_out else settled >= Member.launched_at,
            col(Message.state).in_(_HANDED_OVER),
            col(Message.gathered_in).is_(None),  # its gathered message was tried
        )
    )


def _opt_outs(scope: Scope) -> Counted:
    """Providers report spam complaints and clicks on a mail program's unsubscribe button; pages record the rest."""
    people = risk.people_asked(scope, ends=_NO_MORE_REMINDERS)
    return _with_hits(scope, people, _is(EventKind.CANNOT_NOW, *_NO_MORE_REMINDERS))


def _support_cases(scope: Scope) -> Counted:
    return _with_hits(scope, _untouched_or_without_sms(scope), _is(EventKind.SUPPORT_CASE))


def _host_silence(scope: Scope) -> Counted:
    reason = col(JournalEntry.detail)["reason"].as_string()
    is_silent = and_(_is(EventKind.STUCK), reason == StuckReason.HOST_SILENT)
    return _with_hits(scope, risk.host_asked(scope), is_silent)


_QUERIES: dict[Metric, Callable[[Scope], Counted]] = {
    Metric.LOCK_OUTS: _lock_outs,
    Metric.SIGN_IN_FAILURES: _sign_in_failures,
    Metric.SMS_RESTORES: _sms_restores,
    Metric.PROMPT_FAILURES: _prompt_failures,
    Metric.UNDELIVERED: _undelivered,
    Metric.OPT_OUTS: _opt_outs,
    Metric.SUPPORT_CASES: _support_cases,
    Metric.HOST_SILENCE: _host_silence,
}


def _untouched_or_without_sms(scope: Scope) -> AtRisk:
    return risk.held_out(scope) if scope.held_out else risk.without_sms(scope)


def _with_hits(scope: Scope, at_risk: AtRisk, happened: ColumnElement[bool]) -> Counted:
    """The people at risk, each with the first time in the window at which `happened` applies to them."""
    people = at_risk.cte("at_risk")
    hits = (
        select(people.c.account_id, func.min(col(JournalEntry.at)).label("hit_at"))
        .join(JournalEntry, col(JournalEntry.account_id) == people.c.account_id)
        .where(happened, _is_within(scope, people), col(JournalEntry.entry_id) >= people.c.entry_id)
        .group_by(people.c.account_id)
        .cte("hits")
    )
    return select(people.c.account_id, people.c.began_at, people.c.ended_at, hits.c.hit_at).outerjoin(
        hits, hits.c.account_id == people.c.account_id
    )


def _is_within(scope: Scope, people: CTE) -> ColumnElement[bool]:
    """Whether an entry lies in the window, and within its owner's time at risk."""
    at = col(JournalEntry.at)
    in_time = [at >= people.c.began_at, or_(people.c.ended_at.is_(None), at <= people.c.ended_at)]
    return and_(at >= scope.since, at <= scope.until, *(in_time if scope.held_out else ()))


def _is_shut_out(scope: Scope) -> ColumnElement[bool]:
    return _is(EventKind.SIGN_IN_FAILED) & ~_later(*_GOT_IN, by=_resolved_by(scope))


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
