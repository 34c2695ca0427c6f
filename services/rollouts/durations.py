"""Lengths of time as people write them: `3 days`, `2h`, `1 h 30 min`, or ISO 8601 like `P3D` and `PT90M`."""

import re
from datetime import timedelta

from pydantic import TypeAdapter, ValidationError

LONGEST = timedelta(days=3650)
"""Ten years. A longer time is a mistaken unit."""

_UNITS = {
    "s": timedelta(seconds=1),
    "min": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
}
_OTHER_NAMES = {
    "sec": "s",
    "second": "s",
    "minute": "min",
    "hour": "h",
    "d": "day",
    "w": "week",
}
_PART = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)\s*([a-z]+)")
_WHOLE = re.compile(rf"{_PART.pattern}(?:[\s,]*{_PART.pattern})*")
_ISO = TypeAdapter(timedelta)
_FORM = 'write it like "3 days", "2h", "1 h 30 min" or "PT90M"'


def parse_duration(text: str) -> timedelta:
    """The length of time that a text names. Raises ValueError, which says how to write one."""
    written = text.strip()
    span = _from_iso(written) if written.startswith("P") else _from_words(written.lower())
    if span > LONGEST:
        raise ValueError("is longer than ten years")
    return span


def written_duration(span: timedelta) -> str:
    """A length of time as it is written in a description: exact, and read back as the same."""
    parts = []
    for name, plural in (("day", "days"), ("h", "h"), ("min", "min")):
        count, span = divmod(span, _UNITS[name])
        if count:
            parts.append(f"{count} {name if count == 1 else plural}")
    if span or not parts:
        parts.append(f"{span.seconds}{_fraction(span)} s")
    return " ".join(parts)


def _fraction(span: timedelta) -> str:
    return f".{span.microseconds:06}".rstrip("0") if span.microseconds else ""


def _from_iso(text: str) -> timedelta:
    try:
        span = _ISO.validate_python(text)
    except ValidationError:
        raise ValueError(f"is not a length of time; {_FORM}") from None
    if span < timedelta():
        raise ValueError("is negative")
    return span


def _from_words(text: str) -> timedelta:
    if re.fullmatch(r"[\d.]+", text):
        raise ValueError(f"lacks its unit; {_FORM}")
    if not _WHOLE.fullmatch(text):
        raise ValueError(f"is not a length of time; {_FORM}")
    try:
        return sum((_unit(name) * float(count) for count, name in _PART.findall(text)), timedelta())
    except OverflowError:
        raise ValueError("is longer than ten years") from None


def _unit(name: str) -> timedelta:
    singular = name if len(name) < 3 else name.removesuffix("s")
    unit = _UNITS.get(_OTHER_NAMES.get(singular, singular))
    if unit is None:
        raise ValueError(f'"{name}" is not a unit of time; there are s, min, h, days and weeks')
    return unit
