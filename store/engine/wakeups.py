"""Waits for another transaction to leave work for the relay: PostgreSQL notifies, SQLite is watched."""

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from store.engine.database import CHANNEL, Database

_SQLITE_LOOK_EVERY = 0.05


class Wakeups(ABC):
    """Something to wait on, by one thread at a time."""

    def __init__(self, driver: Any) -> None:
        self._driver = driver
        self._in_use = threading.Lock()
        self._is_closed = False

    def wait(self, seconds: float) -> None:
        """Return when there may be work, or after `seconds` at the latest."""
        try:
            with self._in_use:
                if not self._is_closed:
                    self._wait(seconds)
        finally:
            if self._is_closed:
                self.close()

    def close(self) -> None:
        """End the connection. A thread that waits on it ends it itself: ending it here would crash the process."""
        self._is_closed = True
        if self._in_use.acquire(blocking=False):
            try:
                self._driver.close()
            finally:
                self._in_use.release()

    @abstractmethod
    def _wait(self, seconds: float) -> None: ...


@contextmanager
def listen(database: Database) -> Iterator[Wakeups]:
    """Wakeups from a database, on a connection of their own."""
    with database.own_driver() as driver:
        wakeups: Wakeups = _SqliteWakeups(driver) if database.is_sqlite else _PostgresWakeups(driver)
        try:
            yield wakeups
        finally:
            wakeups.close()


class _SqliteWakeups(Wakeups):
    """Reads `PRAGMA data_version`: every commit of another connection changes it, and reading it costs microseconds."""

    def __init__(self, driver: Any) -> None:
        super().__init__(driver)
        self._seen_version = self._version()

    def _wait(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while self._version() == self._seen_version and time.monotonic() < deadline and not self._is_closed:
            time.sleep(_SQLITE_LOOK_EVERY)
        self._seen_version = self._version()

    def _version(self) -> int:
        return int(self._driver.execute("PRAGMA data_version").fetchone()[0])


class _PostgresWakeups(Wakeups):
    """Hears `NOTIFY`, which arrives when the transaction that sent it commits."""

    def __init__(self, driver: Any) -> None:
        super().__init__(driver)
        driver.set_autocommit(True)
        driver.execute(f"LISTEN {CHANNEL}")

    def _wait(self, seconds: float) -> None:
        next(self._driver.notifies(timeout=seconds, stop_after=1), None)
