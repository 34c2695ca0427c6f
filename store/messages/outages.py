"""Providers in trouble: how often each has failed in a row, and until when no message goes to it.

All workers share these rows, so that a provider that works again does not get all waiting messages at once.
"""

from datetime import datetime, timedelta

from sqlmodel import Field, Session, SQLModel, col, delete, select

from store.engine.types import Instant
from store.engine.upserts import insert

FAILURES_BEFORE_HOLD = 5
"""How many failures in a row begin a hold; fewer may be bad luck."""

SHORTEST_HOLD = timedelta(seconds=5)
LONGEST_HOLD = timedelta(minutes=5)

PROBE = timedelta(seconds=30)
"""How long other messages wait while one message tests whether the provider works again."""


class Outage(SQLModel, table=True):
    """One provider that has failed and has taken no message since. A provider that works has no row."""

    provider: str = Field(primary_key=True)
    since: datetime = Field(sa_type=Instant)
    failures: int = 0
    hold_seconds: float = 0
    held_until: datetime | None = Field(default=None, sa_type=Instant)
    is_probed: bool = False
    reason: str = ""


def every(session: Session) -> list[Outage]:
    """The providers that are in trouble now."""
    return list(session.exec(select(Outage).order_by(Outage.provider)).all())


def admit(session: Session, provider: str, *, now: datetime) -> datetime | None:
    """Until when a message to a provider has to wait; None if it may go now.

    After a hold, one message goes ahead as a test; the others wait for its result.
    """
    if session.get(Outage, provider) is None:
        return None
    outage = _lock(session, provider)
    if outage is None or outage.held_until is None:
        return None
    if outage.held_until > now:
        return outage.held_until
    outage.held_until, outage.is_probed = now + PROBE, True
    session.add(outage)
    session.flush()
    return None


def note_failure(
    session: Session, provider: str, *, reason: str, now: datetime, retry_after: timedelta | None = None
) -> datetime | None:
    """Count a failure; returns until when the provider is on hold, or None if it is not.

    `retry_after` is what the provider asks for; it begins a hold at once. Otherwise FAILURES_BEFORE_HOLD failures begin
    a hold, and each hold is twice as long as the last. No hold is longer than LONGEST_HOLD. A message that was under
    way when the hold began does not lengthen the hold by failing.
    """
    fresh = insert(session, Outage).values(
        provider=provider,
        since=now,
        failures=0,
        hold_seconds=0,
        held_until=None,
        is_probed=False,
        reason=reason,
    )
    session.execute(fresh.on_conflict_do_nothing(index_elements=["provider"]))
    outage = _lock(session, provider)
    if outage is None:
        return None
    outage.failures, outage.reason = outage.failures + 1, reason
    if retry_after:
        _hold(outage, max(now + min(retry_after, LONGEST_HOLD), outage.held_until or now))
    elif outage.failures >= FAILURES_BEFORE_HOLD and not _is_held(outage, now):
        hold = max(timedelta(seconds=2 * outage.hold_seconds), SHORTEST_HOLD)
        outage.hold_seconds = min(hold, LONGEST_HOLD).total_seconds()
        _hold(outage, now + timedelta(seconds=outage.hold_seconds))
    elif outage.is_probed:  # too few failures for another hold: the test is over, and messages may go
        _hold(outage, None)
    session.add(outage)
    session.flush()
    return outage.held_until


def note_success(session: Session, provider: str) -> None:
    """Note that a provider has taken a message: its outage is over."""
    if session.get(Outage, provider) is not None:
        session.execute(delete(Outage).where(col(Outage.provider) == provider))
        session.expire_all()


def _hold(outage: Outage, until: datetime | None) -> None:
    outage.held_until, outage.is_probed = until, False


def _is_held(outage: Outage, now: datetime) -> bool:
    """Whether a hold lasts; while a message tests the provider, the result of the test decides."""
    return outage.held_until is not None and outage.held_until > now and not outage.is_probed


def _lock(session: Session, provider: str) -> Outage | None:
    return session.get(Outage, provider, with_for_update=True, populate_existing=True)
