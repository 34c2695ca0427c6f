"""A clock that tests set."""

from datetime import UTC, datetime, timedelta

START = datetime(2026, 3, 2, 12, tzinfo=UTC)
"""When tests begin: a Monday noon, in winter time, some weeks before both changes to summer time."""


class FakeClock:
    """A Clock that stands still until it is moved."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, by: timedelta) -> datetime:
        """Move on, and return the new time."""
        self.now += by
        return self.now

    def set(self, at: datetime) -> datetime:
        """Move to an instant, forwards or backwards."""
        self.now = at
        return at
