"""Counts the text messages of each day and country, and says when a country may get another one."""

from collections import Counter
from datetime import date, datetime

from sqlmodel import Field, Session, SQLModel, col, select

from domain.messages.text_limits import CeilingUse, TextLimits, day_of, is_full, next_day, uses
from store.engine.database import at_commit
from store.engine.upserts import insert

LIMITS = "text_limits"
"""Under which name a session holds the limits that its database was opened with."""

_PENDING = "text_counts"
_NO_LIMITS = TextLimits()


class TextCount(SQLModel, table=True):
    """How many text messages to one country were queued for one day of UTC."""

    __tablename__ = "text_count"

    day: date = Field(primary_key=True)
    country: str = Field(primary_key=True)
    times: int


def count(session: Session, phone: str, *, at: datetime) -> None:
    """Count one text message for the day of `at`.

    The count is written at the end of the transaction: a row that everybody counts in is locked for a moment only, and
    whoever locks it waits for nothing any more.
    """
    pending: Counter[tuple[date, str]] = session.info.setdefault(_PENDING, Counter())
    pending[day_of(at), limits(session).country_of(phone)] += 1
    at_commit(session, _PENDING, _write)


def full_until(session: Session, phone: str, *, at: datetime) -> datetime | None:
    """When another text message may go to the country of a number; None means now.

    Transactions that run side by side do not see each other's texts, so a ceiling may be passed by that many.
    """
    set_limits = limits(session)
    if set_limits.per_day is None and not set_limits.by_country:
        return None
    times = by_country(session, day_of(at))
    return next_day(at) if is_full(set_limits, times, set_limits.country_of(phone)) else None


def by_country(session: Session, day: date) -> dict[str, int]:
    """The text messages of one day to each country that got any."""
    query = select(TextCount.country, TextCount.times).where(col(TextCount.day) == day)
    times = Counter(dict(session.exec(query).all()))
    pending: Counter[tuple[date, str]] = session.info.get(_PENDING, Counter())
    times.update({country: more for (pending_day, country), more in pending.items() if pending_day == day})
    return dict(times)


def ceilings(session: Session, *, at: datetime) -> list[CeilingUse]:
    """How far each ceiling is used up today."""
    return uses(limits(session), by_country(session, day_of(at)))


def limits(session: Session) -> TextLimits:
    """The limits that this database was opened with."""
    opened_with: TextLimits = session.info.get(LIMITS, _NO_LIMITS)
    return opened_with


def _write(session: Session) -> None:
    # In one order everywhere, so that two transactions with the same countries do not wait for each other.
    for (day, country), more in sorted(session.info.pop(_PENDING).items()):
        new_count = insert(session, TextCount).values(day=day, country=country, times=more)
        raised_count = {"times": TextCount.times + more}
        session.execute(new_count.on_conflict_do_update(index_elements=["day", "country"], set_=raised_count))
