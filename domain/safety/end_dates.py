"""The end date: the day from which a text-message code opens the set-up, and nothing else.

Whoever was launched is told of it, so it holds for them alone; who is exempt has it when the exemption ends.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

LAST_REMINDERS = tuple(timedelta(days=days) for days in (30, 14, 7, 3, 1))
"""How long before the end date people are reminded, whatever else reminds them."""


class AfterEnd(StrEnum):
    """What a text-message code is good for from the end date on."""

    ENROL_ONLY = "enrol_only"


@dataclass(frozen=True, kw_only=True)
class EndDate:
    """The moment with which the end begins, and what codes are good for then."""

    at: datetime
    after: AfterEnd = AfterEnd.ENROL_ONLY


def ends_at(end: EndDate | None, *, exempt_until: datetime | None) -> datetime | None:
    """From when the codes of one person only open the set-up; None if their cohort names no day."""
    if end is None:
        return None
    return max(end.at, exempt_until) if exempt_until else end.at


def has_come(end: EndDate | None, *, exempt_until: datetime | None, is_frozen: bool, now: datetime) -> bool:
    """Whether codes only open the set-up by now. While a cohort is paused or given up, its end date does not strike."""
    at = ends_at(end, exempt_until=exempt_until)
    return at is not None and at <= now and not is_frozen
