"""Counts attempts per window, so that guessing and flooding come to an end."""

from datetime import datetime

from sqlalchemy import case
from sqlmodel import Field, Session, SQLModel, col

from domain.codes import digest
from domain.errors import Throttled
from domain.throttle import LIMITS, Throttle
from store.engine.types import Instant
from store.engine.upserts import insert


class ThrottleCount(SQLModel, table=True):
    """How often something was tried since a window began. Keys are digests: they hold no address."""

    __tablename__ = "throttle"

    key: str = Field(primary_key=True)
    window_began_at: datetime = Field(sa_type=Instant)
    times: int = 0


def count(session: Session, throttle: Throttle, subject: str, *, now: datetime) -> Throttled | None:
    """Count one attempt; returns the refusal to raise after the commit, or None while attempts are left."""
    limit = LIMITS[throttle]
    key = f"{throttle}:{digest(subject)}"
    is_over = col(ThrottleCount.window_began_at) <= now - limit.window
    new_count = insert(session, ThrottleCount).values(key=key, window_began_at=now, times=1)
    upsert = new_count.on_conflict_do_update(
        index_elements=["key"],
        set_={
            "times": case((is_over, 1), else_=col(ThrottleCount.times) + 1),
            "window_began_at": case((is_over, now), else_=col(ThrottleCount.window_began_at)),
        },
    ).returning(col(ThrottleCount.times), col(ThrottleCount.window_began_at))
    times, began_at = session.execute(upsert).one()
    if times <= limit.most:
        return None
    return Throttled(retry_after=int((began_at + limit.window - now).total_seconds()) + 1)
