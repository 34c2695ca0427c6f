"""Lengths of time as people read them: `3 d 4 h`, `75 s`."""

from collections.abc import Iterable
from datetime import timedelta


def duration(span: timedelta) -> str:
    """A length of time in its one or two largest units: `3 d 4 h`, `75 s`."""
    seconds = round(span.total_seconds())
    if seconds < 120:
        return f"{seconds} s"
    units: Iterable[tuple[str, int]] = (("d", 86400), ("h", 3600), ("min", 60))
    parts = []
    for name, size in units:
        if seconds >= size:
            parts.append(f"{seconds // size} {name}")
            seconds %= size
    return " ".join(parts[:2])


def exact_duration(span: timedelta) -> str:
    """A length of time in as many units as it takes: `10 d 1 h 30 min`."""
    shorter = timedelta(microseconds=span.microseconds, seconds=span.seconds % 60)
    if span < timedelta(minutes=2) and not span.microseconds:
        return duration(span)
    days, hours, minutes = span.days, span.seconds // 3600, span.seconds // 60 % 60
    parts = [f"{count} {unit}" for count, unit in ((days, "d"), (hours, "h"), (minutes, "min")) if count]
    return " ".join([*parts, f"{shorter.total_seconds():g} s"] if shorter or not parts else parts)
