"""Reads lengths of time, rates, times of the day and moments, from text and from TOML's own types."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

from providers import time_zones
from services.rollouts.durations import parse_duration
from services.rollouts.toml_tables import number, text


def duration(value: Any) -> timedelta:
    """A length of time."""
    if not isinstance(value, str):
        raise ValueError('must be text with a unit, like "3 days" or "2h"')
    return parse_duration(value)


def percent(value: Any) -> float:
    """Percent, as 5, 0.5 or "5%"."""
    if isinstance(value, str):
        return _before_percent_sign(value)
    return number(value)


def rate(value: Any) -> float:
    """A rate from 0 to 1, as 0.02 or "2%"."""
    if isinstance(value, str):
        return _before_percent_sign(value) / 100
    return number(value)


def wall_clock(value: Any) -> time:
    """A time of the day, as "09:00" or TOML's 09:00:00, to the minute."""
    try:
        clock = time.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        clock = None
    if not isinstance(clock, time) or clock.tzinfo:
        raise ValueError('must be a time of the day, like "09:00"')
    if clock.second or clock.microsecond:
        raise ValueError("must be a whole minute")
    return clock


def moment(value: Any, zone: tzinfo) -> datetime:
    """An instant, from a date (its first moment) or a date and time. Without an offset it is local time of the zone."""
    try:
        instant = datetime.fromisoformat(value) if isinstance(value, str) else value
        if isinstance(instant, date) and not isinstance(instant, datetime):
            instant = datetime.combine(instant, time())
        if isinstance(instant, datetime):
            return (instant if instant.tzinfo else instant.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise ValueError("must be a date like 2026-12-24, or a moment like 2026-12-24T09:00:00+01:00")


def time_zone(value: Any) -> str:
    """The IANA name of a time zone, in letters of any size."""
    name = time_zones.time_zone(text(value))
    if name is None:
        raise ValueError(f'"{text(value)}" is not an IANA time zone like Europe/Berlin')
    return name


def _before_percent_sign(value: str) -> float:
    try:
        if value.strip().endswith("%"):
            return number(float(value.strip().removesuffix("%")))
    except ValueError:
        pass
    raise ValueError('must be a number, or a percentage like "2%"')
