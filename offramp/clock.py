"""The clock of this machine."""

from datetime import UTC, datetime


def clock() -> datetime:
    """Now, aware and in UTC."""
    return datetime.now(UTC)
