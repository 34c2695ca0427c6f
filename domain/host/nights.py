"""When the host's list is compared each night: at a moment of its own, so that not all hosts are asked at once."""

import hashlib
from datetime import datetime, time, timedelta

FIRST_HOUR, HOURS = time(1), timedelta(hours=4)
"""By UTC: between one and five o'clock."""


def last_due(now: datetime, *, address: str) -> datetime:
    """The last moment up to `now`, which is in UTC, at which the list of this address was due."""
    today = _due_on(now, address)
    return today if today <= now else _due_on(now - timedelta(days=1), address)


def _due_on(day: datetime, address: str) -> datetime:
    digest = hashlib.sha256(f"{address} {day.date()}".encode()).digest()
    share = int.from_bytes(digest[:4]) / 2**32
    return datetime.combine(day.date(), FIRST_HOUR, tzinfo=day.tzinfo) + share * HOURS
