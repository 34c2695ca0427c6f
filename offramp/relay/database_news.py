"""Says once in the log of a process that the database has gone, and once that it is back; counts who misses it."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import structlog

from offramp.clock import clock
from offramp.metrics import measuring
from store import Database
from store.engine import small_writes
from store.engine.absences import DatabaseAway

log = structlog.get_logger()

LOOK_EVERY = timedelta(seconds=1)

QUIET_FOR = timedelta(seconds=5)
"""How long nobody must have missed the database before it counts as back: one that comes and goes is away."""


class DatabaseNews:
    """Hears whoever misses the database, and asks for it in a thread of its own until it is back.

    `ask` raises DatabaseAway while it is away, and is to do what the process does: one that writes asks by writing.
    """

    def __init__(self, ask: Callable[[], None]) -> None:
        self._ask = ask
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._is_away = False
        self._began_at = self._missed_at = 0.0
        measuring.begin_to_miss_the_database()

    def hear(self, away: DatabaseAway) -> None:
        """Take it that somebody has just missed the database; the first time is logged."""
        measuring.database_missed(away.absence)
        with self._lock:
            self._missed_at = time.monotonic()
            if self._is_away:
                return
            self._is_away, self._began_at = True, self._missed_at
        # The driver's first line names servers and users, and no value of any row.
        log.error("database_away", why=away.absence.value, reason=away.reason)
        threading.Thread(target=self._look, name="database-news", daemon=True).start()

    def stop(self) -> None:
        """Ask no more."""
        self._stopping.set()

    def _look(self) -> None:
        while not self._stopping.wait(LOOK_EVERY.total_seconds()):
            if self._is_back():
                return

    def _is_back(self) -> bool:
        if time.monotonic() - self._missed_at < QUIET_FOR.total_seconds():
            return False
        try:
            self._ask()
        except Exception:  # it was heard of already, or whoever works with the database stumbles over it too
            return False
        with self._lock:
            self._is_away = False
            seconds = round(self._missed_at - self._began_at, 1)
        log.info("database_back", seconds=seconds)
        return True


def follow(database: Database, ask: Callable[[], None]) -> DatabaseNews:
    """Have it said for as long as the process lives."""
    news = DatabaseNews(ask)
    database.on_absence = news.hear
    return news


@contextmanager
def news_of(database: Database, ask: Callable[[], None]) -> Iterator[None]:
    """Have it said while the block runs."""
    news = follow(database, ask)
    try:
        yield
    finally:
        database.on_absence = None
        news.stop()


def by_writing(database: Database, name: str) -> Callable[[], None]:
    """How a process that writes asks for its database."""
    return lambda: small_writes.try_one(database, name, at=clock())
