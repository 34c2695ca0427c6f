"""Counts attempts per window, so that guessing and flooding come to an end."""

from datetime import datetime

from sqlmodel import Field, Session, SQLModel

from domain.codes import digest
from domain.errors import Throttled
from domain.throttle import LIMITS, Throttle
from store.types import Instant


class ThrottleCount(SQLModel, table=True):
    """How often something was tried since a window began. Keys are digests: they hold no address."""

    __tablename__ = "throttle"

    key: str = Field(primary_key=True)
    window_began_at: datetime = Field(sa_type=Instant)
    times: int = 0


def count(session: Session, throttle: Throttle, subject: str, *, now: datetime) -> Throttled | None:
    """Count one attempt; the refusal to raise after the commit, or None while there are attempts left."""
    limit = LIMITS[throttle]
    key = f"{throttle}:{digest(subject)}"
    row = session.get(ThrottleCount, key, with_for_update=True)
    if row is None or row.window_began_at + limit.window <= now:
        row = session.merge(ThrottleCount(key=key, window_began_at=now, times=0))
    row.times += 1
    session.add(row)
    session.flush()
    if row.times <= limit.most:
        return None
    return Throttled(retry_after=int((row.window_began_at + limit.window - now).total_seconds()) + 1)
