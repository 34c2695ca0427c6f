"""Moments as they travel: RFC 3339, always with an offset."""

from datetime import datetime


def written(moment: datetime) -> str:
    """A moment as text. Raises ValueError without a time zone: nobody could say when it was."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone, as datetime.now(UTC) has one")
    return moment.isoformat()


def read_moment(text: str | None) -> datetime | None:
    """The moment that a text says, if there is one."""
    return None if text is None else datetime.fromisoformat(text)
