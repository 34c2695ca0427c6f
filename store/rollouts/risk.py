"""Who is at risk of what a guardrail measures: the people whom a rate counts, and since when each is at risk."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    SQLColumnExpression,
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
from sqlmodel import Session, col

from domain.facts import SmsState
from domain.journal import EventKind
from store.engine.types import Instant
from store.journeys.journeys import Journey
from store.people.accounts import Account
from store.people.journal import JournalEntry
from store.rollouts.members import Member

AtRisk = Select[str, int | None, datetime, datetime | None]
"""People at risk: since `began_at` (of the entry `entry_id`), until `ended_at`; still, if that is NULL."""

_FOR_EVER = datetime.max.replace(tzinfo=UTC)

_Kind = Callable[[type[JournalEntry]], ColumnElement[bool]]


@dataclass(frozen=True, kw_only=True)
class Scope:
    """The members who count, and the window: its events happened at `since` or later, and at `until` at the latest.

    `entered_since`: only people whose time at risk began then or later. `watched_since`: whoever was at risk by then
    has been watched for long enough to speak for a pass. `is_sqlite`: the databases add times differently.
    """

    cohort_id: str
    held_out: bool
    since: datetime
    until: datetime
    entered_since: datetime | None
    is_sqlite: bool
    watched_since: datetime | None = None


def scope_of(
    session: Session,
    cohort_id: str,
    *,
    since: datetime,
    until: datetime | None = None,
    held_out: bool = False,
    entered_since: datetime | None = None,
) -> Scope:
    """The launched people of a cohort, or its holdout, within a window; without `until`, the window is open."""
    return Scope(
        cohort_id=cohort_id,
        held_out=held_out,
        since=since,
        until=until or _FOR_EVER,
        entered_since=entered_since,
        is_sqlite=session.get_bind().dialect.name == "sqlite",
    )


def without_sms(scope: Scope, *, ends: tuple[EventKind, ...] = (EventKind.SMS_RESTORED,)) -> AtRisk:
    """Launched members whose SMS was suspended, unless one of the ends came before the window.

    By default a removal is no end: whoever has lost SMS for good can be locked out as well as before.
    """
    return _entered(scope, lambda entry: col(entry.kind) == EventKind.SMS_SUSPENDED, ends=ends)


def people_asked(scope: Scope, *, ends: tuple[EventKind, ...] = ()) -> AtRisk:
    """Launched members who have seen the prompt on a capable device, and were still asked when the window began.

    Nothing is asked any more of whoever has been given notice, because every milestone is reached then, nor of whoever
    has ended their journey.
    """
    return _entered(scope, _is_capable, ends=(EventKind.NOTICE_GIVEN, EventKind.JOURNEY_ENDED, *ends))


def host_asked(scope: Scope) -> AtRisk:
    """Launched members about whose codes the host was asked, unless their journey ended before the window."""
    return _entered(
        scope, lambda entry: col(entry.kind) == EventKind.HOST_ASKED, ends=(EventKind.JOURNEY_ENDED,)
    )


def held_out(scope: Scope) -> AtRisk:
    """Members who are held out and were left alone in the window, for some of it at least."""
    left_at = _left_at()
    began_at, window = col(Member.enrolled_at), literal(scope.since, Instant())
    is_left = left_at <= literal(scope.until, Instant())
    entered = [] if scope.entered_since is None else [began_at >= scope.entered_since]
    return (
        select(
            col(Member.account_id),
            literal(0).label("entry_id"),
            began_at.label("began_at"),
            case((is_left, left_at), else_=null()).label("ended_at"),
        )
        .join(Account, col(Account.account_id) == Member.account_id)
        .outerjoin(Journey, col(Journey.account_id) == Member.account_id)
        .where(in_cohort(scope), began_at <= scope.until, or_(left_at.is_(None), left_at > window), *entered)
    )


def still_held_out(session: Session, cohort_id: str) -> int:
    """How many held-out members nobody has launched, and who have not left SMS behind."""
    query = (
        select(func.count())
        .select_from(Member)
        .join(Account, col(Account.account_id) == Member.account_id)
        .outerjoin(Journey, col(Journey.account_id) == Member.account_id)
        .where(col(Member.cohort_id) == cohort_id, col(Member.held_out), _left_at().is_(None))
    )
    return int(session.execute(query).scalar_one())


def in_cohort(scope: Scope) -> ColumnElement[bool]:
    """Whether a member is of the cohort, and held out or not as the scope asks."""
    return and_(col(Member.cohort_id) == scope.cohort_id, col(Member.held_out).is_(scope.held_out))


def left_before(at: SQLColumnExpression[Any]) -> ColumnElement[bool]:
    """Whether a held-out member had left the comparison at a time; for a query of members and their accounts."""
    return func.coalesce(_left_at() <= at, False)


def _entered(scope: Scope, begins: _Kind, *, ends: tuple[EventKind, ...]) -> AtRisk:
    account_id, at = col(JournalEntry.account_id), col(JournalEntry.at)
    query = (
        select(
            account_id,
            func.min(JournalEntry.entry_id).label("entry_id"),
            func.min(at).label("began_at"),
            literal(None, Instant()).label("ended_at"),
        )
        .join(Member, col(Member.account_id) == account_id)
        .where(
            begins(JournalEntry),
            in_cohort(scope),
            at >= Member.launched_at,
            at <= scope.until,
            ~_ended_before(scope.since, (*ends, EventKind.ACCOUNT_DELETED, EventKind.ACCOUNT_ERASED)),
        )
        .group_by(account_id)
    )
    return (
        query if scope.entered_since is None else query.where(~_was_there_before(scope.entered_since, begins))
    )


def _is_capable(entry: type[JournalEntry]) -> ColumnElement[bool]:
    is_seen = col(entry.kind) == EventKind.PROMPT_SEEN
    return and_(is_seen, col(entry.detail)["capable"].as_boolean().is_(True))


def _ended_before(since: datetime, ends: tuple[EventKind, ...]) -> ColumnElement[bool]:
    end = aliased(JournalEntry)
    return exists().where(
        col(end.account_id) == JournalEntry.account_id,
        col(end.entry_id) > JournalEntry.entry_id,
        col(end.kind).in_(ends),
        col(end.at) < since,
    )


def _was_there_before(entered_since: datetime, begins: _Kind) -> ColumnElement[bool]:
    """Whether somebody came at risk before, since their launch; whoever comes again is not new."""
    earlier = aliased(JournalEntry)
    return exists().where(
        col(earlier.account_id) == JournalEntry.account_id,
        begins(earlier),
        col(earlier.at) >= Member.launched_at,
        col(earlier.at) < entered_since,
    )


def _left_at() -> ColumnElement[datetime | None]:
    """When a held-out member left: on a journey, by another cohort, without SMS, or because the account was deleted."""
    other = aliased(Member)
    launched_at = (
        select(func.min(col(other.launched_at)))
        .where(col(other.account_id) == Member.account_id, col(other.launched_at).is_not(None))
        .scalar_subquery()
    )
    removed_at = case((col(Account.sms) == SmsState.REMOVED, col(Account.sms_since)), else_=null())
    moments = (col(Journey.started_at), launched_at, removed_at, col(Account.deleted_at))
    return func.coalesce(*moments, type_=Instant())
