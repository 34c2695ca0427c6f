"""Raises the guard against an attack, and lowers it; whoever does so answers for it in the audit."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.errors import Refused
from domain.safety.guard import SYSTEM, Guard, require_length
from domain.staff.reasons import clean_reason
from domain.staff.staff import AuditKind, Author
from store import Session
from store.engine import raised_guards
from store.staff import audit

SHOWN = 20
"""How many raisings the console and the command line show."""


@dataclass(frozen=True, kw_only=True)
class GuardStanding:
    """Whether the guard is up, by which raising, and the latest raisings that are over, newest first."""

    is_up: bool
    up: Guard | None
    past: tuple[Guard, ...]


class NearerEnd(Refused):
    """A guard that is up would end earlier: that protects less, and takes more than raising it."""


def put_up(
    session: Session,
    author: Author,
    *,
    length: timedelta,
    reason: str,
    at: datetime,
    may_shorten: bool = True,
) -> Guard:
    """Raise it until `length` from now, or give the one that is up that end. Raises BadReason, BadLength, NearerEnd.

    What waits since the first raising goes on waiting: only the end, its author and the reason are new.
    """
    why = clean_reason(reason)
    require_length(length)
    note_end(session, at=at)
    before = raised_guards.find_up(session, now=at, for_change=True)
    if before and at + length < before.until and not may_shorten:
        raise NearerEnd("the guard that is up would end earlier")
    guard = Guard(since=before.since if before else at, until=at + length, by=author.signature, reason=why)
    raised_guards.put_up(session, guard)
    until = {"until": guard.until.isoformat()} | ({"instead_of": before.until.isoformat()} if before else {})
    audit.append(session, author, AuditKind.GUARD_RAISED, at=at, reason=why, **until)
    return guard


def put_down(session: Session, author: Author, *, reason: str, at: datetime) -> Guard:
    """Lower it before its time. Raises BadReason, and Refused if it is not up."""
    why = clean_reason(reason)
    note_end(session, at=at)
    lowered = raised_guards.put_down(session, at=at, by=author.signature, reason=why)
    if lowered is None:
        raise Refused("the guard is not up")
    audit.append(session, author, AuditKind.GUARD_LOWERED, at=at, reason=why)
    return lowered


def note_end(session: Session, *, at: datetime) -> bool:
    """Note in the audit, once, that the guard's time is over; it held no longer already. True if this has noted it."""
    ended = raised_guards.note_end(session, now=at)
    if ended is None:
        return False
    since = {"since": ended.since.isoformat(), "until": ended.until.isoformat()}
    audit.append(
        session, Author(by=SYSTEM), AuditKind.GUARD_ENDED, at=at, reason="its time was over", **since
    )
    return True


def standing(session: Session, *, now: datetime) -> GuardStanding:
    """Whether the guard is up, and its latest raisings."""
    up = raised_guards.find_up(session, now=now)
    past = [each for each in raised_guards.history(session, limit=SHOWN) if not each.is_up(now)]
    return GuardStanding(is_up=up is not None, up=up, past=tuple(past))
