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
