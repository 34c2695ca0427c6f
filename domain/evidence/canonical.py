"""One way to write a value, so that the same value has the same bytes, and so the same digest, everywhere."""

import json
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any

from domain.masking import without_contacts


def canonical(value: Any) -> bytes:
    """A value as JSON on one line: fields in the order of their names, no blanks, UTF-8, times in UTC."""
    return json.dumps(
        value, default=_plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    ).encode()


def digest(content: bytes) -> str:
    """The SHA-256 of some bytes, in small hexadecimal digits."""
    return sha256(content).hexdigest()


def instant(at: datetime) -> str:
    """A moment in UTC, always to the microsecond."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def canonical_without_contacts(value: Any) -> bytes:
    """The same, without the addresses and numbers that its texts repeat: JSON ends each of them where the text ends."""
    return without_contacts(canonical(value).decode()).encode()


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            return instant(value)
        case date():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case _ if is_dataclass(value) and not isinstance(value, type):
            return {field.name: getattr(value, field.name) for field in fields(value)}
    raise TypeError(f"{type(value).__name__} has no canonical form")
