"""When people may be launched: weekdays, hours, and no freezes."""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import IntEnum
from heapq import merge
from itertools import product
from zoneinfo import ZoneInfo

_LOOK_AHEAD_DAYS = 400
_DAY, _SECOND = timedelta(days=1), timedelta(seconds=1)


class Weekday(IntEnum):
    """Days as Python counts them."""

    MONDAY = 0
    TUESDAY = 1
    WEDNESDAY = 2
    THURSDAY = 3
    FRIDAY = 4
    SATURDAY = 5
    SUNDAY = 6


@dataclass(frozen=True, kw_only=True)
class Freeze:
    """A time in which nobody is launched: a holiday, a big sale."""

    begins: datetime
    ends: datetime
    reason: str


@dataclass(frozen=True, kw_only=True)
class LaunchWindows:
    """The hours in which launches happen, by a time zone's wall clock; `opens` equal to `closes` is all day.

    Hours that go past midnight belong to the day on which they began.
    """

    weekdays: tuple[Weekday, ...] = tuple(Weekday)
    opens: time = time(0)
    closes: time = time(0)
    time_zone: str = "UTC"
    freezes: tuple[Freeze, ...] = ()

    def is_open(self, at: datetime) -> bool:
        """Whether somebody may be launched now."""
        if any(freeze.begins <= at < freeze.ends for freeze in self.freezes):
            return False
        local = at.astimezone(ZoneInfo(self.time_zone))
        clock, today = local.time(), local.weekday()
        if self.opens == self.closes:
            return today in self.weekdays
        if self.opens < self.closes:
            return today in self.weekdays and self.opens <= clock < self.closes
        opening_day = today if clock >= self.opens else (today - 1) % len(Weekday)
        return opening_day in self.weekdays and not self.closes <= clock < self.opens

    def opens_at(self, at: datetime) -> datetime | None:
        """The first moment from `at` on at which somebody may be launched; None if there is none for a year."""
        if self.is_open(at):
            return at
        return next((moment for moment in self._changes(at) if self.is_open(moment)), None)

    def closes_at(self, at: datetime) -> datetime | None:
        """When the window that is open at `at` closes; None if it stays open for a year."""
        return next((moment for moment in self._changes(at) if not self.is_open(moment)), None)

    def _changes(self, at: datetime) -> Iterator[datetime]:
        """Every moment after `at`, in order, at which the windows may open or close."""
        boundaries = {moment for freeze in self.freezes for moment in (freeze.begins, freeze.ends)}
        ahead = sorted(moment.astimezone(at.tzinfo) for moment in boundaries if moment > at)
        return merge(self._by_the_clock(at), ahead)

    def _by_the_clock(self, at: datetime) -> Iterator[datetime]:
        if self.opens == self.closes and len(set(self.weekdays)) == len(Weekday):
            return
        begins = at.astimezone(UTC)
        for _ in range(_LOOK_AHEAD_DAYS):
            ends = begins + _DAY
            for moment in sorted(self._on_the_clock(begins, ends)):
                yield moment.astimezone(at.tzinfo)
            begins = ends

    def _on_the_clock(self, begins: datetime, ends: datetime) -> set[datetime]:
        """The moments within one day, its end included, at which the wall clock may open or close the windows."""
        zone = ZoneInfo(self.time_zone)
        first_day, last_day = begins.astimezone(zone).date(), ends.astimezone(zone).date()
        days = {first_day, last_day, first_day + _DAY}
        clocks = {time(0), self.opens, self.closes}
        # When clocks go back an hour comes twice, and when they go forward one is left out.
        moments = {
            datetime.combine(day, clock.replace(fold=fold), zone).astimezone(UTC)
            for day, clock, fold in product(days, clocks, (0, 1))
        }
        moments.add(_clock_change(begins, zone))
        return {moment for moment in moments if begins < moment <= ends}


def _clock_change(begins: datetime, zone: ZoneInfo) -> datetime:
    """When, within a day, the zone's clocks go forward or back; a moment after that day if they do neither."""
    start = begins.replace(microsecond=0)
    offset = start.astimezone(zone).utcoffset()

    def has_changed(seconds: int) -> bool:
        return (start + timedelta(seconds=seconds)).astimezone(zone).utcoffset() != offset

    return start + timedelta(seconds=bisect_left(range(_DAY // _SECOND + 1), x=True, key=has_changed))
