"""When the keys that sign ID tokens change: each is shown before it signs, and for as long as its tokens live."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

SIGNS_FOR = timedelta(days=60)
"""How long a key signs before the next one takes over by itself."""

SHOWN_BEFORE = timedelta(hours=1)
"""How long a new key is published before it signs, for hosts that keep the list."""

SHOWN_AFTER = timedelta(days=1)
"""How long a key that signs no more stays published: much longer than any token lives."""


@dataclass(frozen=True, kw_only=True)
class KeyTimes:
    """One key: its number in the order of making, and from when it signs."""

    number: int
    signs_from: datetime


def next_key(keys: Sequence[KeyTimes], *, now: datetime) -> KeyTimes | None:
    """The key that has to be made now; None while the newest one is young enough. The very first one signs at once."""
    if not keys:
        return KeyTimes(number=1, signs_from=now)
    newest = max(keys, key=lambda key: key.number)
    if newest.signs_from + SIGNS_FOR - SHOWN_BEFORE > now:
        return None
    return KeyTimes(number=newest.number + 1, signs_from=now + SHOWN_BEFORE)


def signing_key(keys: Sequence[KeyTimes], *, now: datetime) -> KeyTimes:
    """The key that signs at a moment: the newest whose time has come. `keys` has one whose time has come."""
    return max((key for key in keys if key.signs_from <= now), key=lambda key: key.number)


def shown_keys(keys: Sequence[KeyTimes], *, now: datetime) -> list[KeyTimes]:
    """The keys that are published, newest first."""
    newest_first = sorted(keys, key=lambda key: key.number, reverse=True)
    shown = []
    for key in newest_first:
        shown.append(key)
        if key.signs_from <= now - SHOWN_AFTER:
            break  # what is older signed its last token before this key took over
    return shown
