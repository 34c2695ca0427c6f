"""How often each key may call, counted in this process: a count in the database would cost more than the call."""

import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from weakref import WeakKeyDictionary

from domain.host.keys import KeyHolder
from domain.safety.throttle import SoftLimit, Used
from services.container import Services
from store import Database

_SECOND = timedelta(seconds=1)


@dataclass
class KeyLimits:
    """What each key has used up of its limit: a second's calls at once, and then as many each second."""

    _used: dict[str, Used] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, holder: KeyHolder, *, now: datetime) -> int:
        """Count one call; returns 0, or the seconds after which to call again."""
        limit = SoftLimit(most=holder.calls_per_second, every=_SECOND / holder.calls_per_second)
        with self._lock:
            used = self._used.get(holder.key_id, Used(times=0, since=now)).at(now, limit)
            if used.times >= limit.most:
                return 1
            self._used[holder.key_id] = Used(times=used.times + 1, since=used.since)
            return 0


_LIMITS: WeakKeyDictionary[Database, KeyLimits] = WeakKeyDictionary()


def of(services: Services) -> KeyLimits:
    """The limits of the keys in one database, as this process has counted them."""
    return _LIMITS.setdefault(services.database, KeyLimits())
