"""Reads a cohort's end date: a day, with a time of the day and a zone."""

from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from domain.rollouts.cohorts import InvalidCohort
from domain.safety.end_dates import AfterEnd, EndDate
from services.rollouts.toml_tables import Problems, Table, choice
from services.rollouts.toml_values import time_zone, wall_clock

_DETAILS = ("end_time", "end_zone", "after_end")


def read_end(top: Table, *, zone: str) -> EndDate | None:
    """The end date of a description; None without one. Where it names no zone, `zone` is meant, and midnight."""
    day = top.take("end", _day, None)
    clock = top.take("end_time", wall_clock, time())
    end_zone = ZoneInfo(top.take("end_zone", time_zone, zone))
    after = top.take("after_end", choice(AfterEnd), AfterEnd.ENROL_ONLY)
    if day is None:
        for name in _DETAILS:
            if top.holds(name) and not top.holds("end"):
                top.refuse(name, "is about the end date, and there is no `end`")
        return None
    return EndDate(at=datetime.combine(day, clock, end_zone).astimezone(UTC), after=after)


def parse_end(day: str, *, begins: str, zone: str, default_zone: str = "UTC") -> EndDate:
    """The end date that a day, a time of the day and a zone name. Raises InvalidCohort with every mistake."""
    given = {"end": day, "end_time": begins, "end_zone": zone}
    problems: Problems = []
    end = read_end(
        Table({name: value for name, value in given.items() if value}, "", problems), zone=default_zone
    )
    if problems or end is None:
        raise InvalidCohort(problems or [("end", "names no day")])
    return end


def _day(value: Any) -> date:
    try:
        day = date.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        day = None
    if not isinstance(day, date) or isinstance(day, datetime):
        raise ValueError(
            'must be a day like 2027-02-01; a time of the day is its own key, end_time = "09:00"'
        )
    return day
