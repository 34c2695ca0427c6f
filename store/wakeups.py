"""Waits for another transaction to leave work for the relay: PostgreSQL notifies, SQLite is watched."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from store.database import CHANNEL, Database

_SQLITE_LOOK_EVERY = 0.05


class Wakeups(Protocol):
    """Something to wait on."""

    def wait(self, seconds: float) -> None:
        """Return when there may be work, or after `seconds` at the latest."""
        ...


@contextmanager
def listen(database: Database) -> Iterator[Wakeups]:
    """Wakeups from a database, on a connection of their own."""
    connection = database.engine.raw_connection()
    driver: Any = connection.driver_connection
    connection.detach()
    try:
        yield _SqliteWakeups(driver) if database.is_sqlite else _PostgresWakeups(driver)
    finally:
        driver.close()


class _SqliteWakeups:
    """Looks at `PRAGMA data_version`, which changes with every commit of another connection and costs microseconds."""

    def __init__(self, driver: Any) -> None:
        self._driver = driver
        self._seen = self._version()

    def wait(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while self._version() == self._seen and time.monotonic() < deadline:
            time.sleep(_SQLITE_LOOK_EVERY)
        self._seen = self._version()

    def _version(self) -> int:
        return int(self._driver.execute("PRAGMA data_version").fetchone()[0])


class _PostgresWakeups:
    """Hears `NOTIFY`, which arrives when the transaction that sent it commits."""

    def __init__(self, driver: Any) -> None:
        self._driver = driver
        driver.set_autocommit(True)
        driver.execute(f"LISTEN {CHANNEL}")

    def wait(self, seconds: float) -> None:
        next(self._driver.notifies(timeout=seconds, stop_after=1), None)
