"""Providers that are in trouble: how often they failed in a row, and until when they are left alone.

All workers share this, so that a provider which comes back is not met by everything that waited for it.
"""

from datetime import datetime, timedelta

from sqlmodel import Field, Session, SQLModel, col, delete, select

from store.engine.types import Instant
from store.engine.upserts import insert

FAILURES_BEFORE_HOLD = 5
"""How many failures in a row are bad luck; from this one on, the provider is held off."""

SHORTEST_HOLD = timedelta(seconds=5)
LONGEST_HOLD = timedelta(minutes=5)

PROBE = timedelta(seconds=30)
"""For how long the others wait while one message tries whether the provider is back."""


class Outage(SQLModel, table=True):
    """One provider that failed and has not been heard of since. What works has no row."""

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
    """None if a message may go to a provider, else until when it has to wait.

    After a hold, one message goes ahead and tries; the others wait for what becomes of it.
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
    """Count a failure; returns until when the provider is now held off, if it is.

    The provider's own word on when to come back counts at once; otherwise each hold is twice as long as the last.
    A message that was on its way when the hold began says nothing new by failing.
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
    elif outage.is_probed:  # it has kept to its own word, and this is one more bit of bad luck
        _hold(outage, None)
    session.add(outage)
    session.flush()
    return outage.held_until


def note_success(session: Session, provider: str) -> None:
    """A provider has taken a message: whatever it was, it is over."""
    if session.get(Outage, provider) is not None:
        session.execute(delete(Outage).where(col(Outage.provider) == provider))
        session.expire_all()


def _hold(outage: Outage, until: datetime | None) -> None:
    outage.held_until, outage.is_probed = until, False


def _is_held(outage: Outage, now: datetime) -> bool:
    """Whether a hold is under way; while a message probes the provider, what becomes of it decides."""
    return outage.held_until is not None and outage.held_until > now and not outage.is_probed


def _lock(session: Session, provider: str) -> Outage | None:
    return session.get(Outage, provider, with_for_update=True, populate_existing=True)
