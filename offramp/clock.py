"""The clock of this process. It follows the database's clock, so that all processes agree what time it is."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from store import Database
from store.engine import database_clock
from store.engine.database_clock import Zero


def machine_time() -> datetime:
    """What the clock of this machine says, right or wrong."""
    return datetime.now(UTC)


def steady_seconds() -> float:
    """Seconds since some moment; nobody sets this clock, and where possible it counts while the machine sleeps."""
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()


class DatabaseClock:
    """Tells the time of the database: what it said at the last look, and what has passed since by a steady clock.

    A machine's clock that is wrong, or is set meanwhile, changes nothing. Before the first look it is all there is.
    """

    def __init__(
        self,
        machine: Callable[[], datetime] = machine_time,
        steady: Callable[[], float] = steady_seconds,
    ) -> None:
        self._machine = machine
        self._steady = steady
        self._zero: datetime | None = None

    def __call__(self) -> datetime:
        """Now, aware and in UTC."""
        return self._machine() if self._zero is None else self._zero + timedelta(seconds=self._steady())

    def follow(self, database: Database) -> None:
        """Look what time it is in the database. Raises what a database raises that does not answer."""
        with database.reading() as session:
            measured = database_clock.measure(session, self._steady)
        if measured:
            zero = self._zero or self._machine() - timedelta(seconds=self._steady())
            self._zero = _within(measured, zero)

    @property
    def offset(self) -> timedelta:
        """How far the machine's clock is ahead of the database's; negative if it is behind."""
        if self._zero is None:
            return timedelta()
        before = self._zero + timedelta(seconds=self._steady())
        machine = self._machine()
        after = self()
        # A process that was held up between two looks must not take that for a difference.
        return min(machine - before, machine - after, key=abs)


def _within(measured: Zero, zero: datetime) -> datetime:
    """Where nothing speaks against what was thought, it stays: an answer that took long must not move the time."""
    if measured.earliest <= zero <= measured.latest:
        return zero
    return measured.earliest + (measured.latest - measured.earliest) / 2


clock = DatabaseClock()
"""The clock of this process, which whatever opens the database lets follow it."""
