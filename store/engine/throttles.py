"""Counts attempts, so that guessing and flooding come to an end."""

from datetime import datetime, timedelta

from sqlalchemy import case, update
from sqlmodel import Field, Session, SQLModel, col, select

from domain.codes import digest
from domain.errors import Throttled
from domain.safety.guard import TIGHTENED, tightened
from domain.safety.throttle import LIMITS, Limit, SoftLimit, Throttle, Used
from store.engine import raised_guards
from store.engine.types import Instant
from store.engine.upserts import insert


class ThrottleCount(SQLModel, table=True):
    """How often something was tried since a window began. Keys are digests: they hold no address.

    Of a soft limit, `times` is how much is used up, and `window_began_at` the time since when nothing of it came back.
    """

    __tablename__ = "throttle"

    key: str = Field(primary_key=True)
    window_began_at: datetime = Field(sa_type=Instant)
    times: int = 0


def count(
    session: Session, throttle: Throttle, subject: str, *, now: datetime, is_known: bool = False
) -> Throttled | None:
    """Count one attempt; returns the refusal to raise after the commit, or None while attempts are left.

    Under guard some limits are tighter, but not for a browser that `is_known` to the account.
    """
    limit, key = LIMITS[throttle], _key(throttle, subject)
    if throttle in TIGHTENED and not is_known and raised_guards.find_up(session, now=now):
        limit = tightened(limit)
    if isinstance(limit, SoftLimit):
        return _count_softly(session, key, limit, now=now)
    return _count_strictly(session, key, limit, now=now)


def give_back(session: Session, throttle: Throttle, subject: str) -> None:
    """Let an attempt that was counted before count no more, because it was no attempt at guessing or flooding."""
    given = update(ThrottleCount).where(
        col(ThrottleCount.key) == _key(throttle, subject), col(ThrottleCount.times) > 0
    )
    session.execute(given.values(times=ThrottleCount.times - 1))


def _key(throttle: Throttle, subject: str) -> str:
    return f"{throttle}:{digest(subject)}"


def _count_strictly(session: Session, key: str, limit: Limit, *, now: datetime) -> Throttled | None:
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
    return Throttled(retry_after=_seconds(began_at + limit.window - now))


def _count_softly(session: Session, key: str, limit: SoftLimit, *, now: datetime) -> Throttled | None:
    """Count an attempt that is left; a refused one counts for nothing, so that it lengthens nobody's wait."""
    new_count = insert(session, ThrottleCount).values(key=key, window_began_at=now, times=0)
    session.execute(new_count.on_conflict_do_nothing(index_elements=["key"]))
    counted = session.exec(select(ThrottleCount).where(ThrottleCount.key == key).with_for_update()).one()
    used = Used(times=counted.times, since=counted.window_began_at).at(now, limit)
    is_left = used.times < limit.most
    counted.times, counted.window_began_at = used.times + is_left, used.since
    session.flush()
    return None if is_left else Throttled(retry_after=_seconds(used.since + limit.every - now))


def _seconds(wait: timedelta) -> int:
    return int(wait.total_seconds()) + 1
