"""The end date: the day from which a text-message code opens the set-up, and nothing else.

Whoever was launched is told of it, so it holds for them alone; who is exempt has it when the exemption ends. It strikes
nobody who was not told, and nobody sooner after that than the notice of their policy.
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


@dataclass(frozen=True, kw_only=True)
class ToldEnd:
    """Which end date a person was told last, and when; both are None if none was told, or it was lifted."""

    at: datetime | None
    since: datetime | None


def named_end(end: EndDate | None, *, exempt_until: datetime | None) -> datetime | None:
    """The day that is to be told to one person: their cohort's, or the end of an exemption beyond it; None without."""
    if end is None:
        return None
    return max(end.at, exempt_until) if exempt_until else end.at


def strikes_at(named: datetime | None, telling: ToldEnd, *, notice: timedelta) -> datetime | None:
    """From when codes of one person only open the set-up; None while they were told no day.

    A day that came nearer holds once it was told, and a day that was told late leaves the notice all the same.
    """
    if named is None or telling.at is None or telling.since is None:
        return None
    return max(named, telling.at, telling.since + notice)
