"""Puts instants into words for staff: always with their zone, and with the year where it matters.

The console, the desk and the command line have no other words for an instant.
"""

from datetime import UTC, datetime, timedelta, tzinfo

NEAR = timedelta(days=60)
"""What is further away is months away: its year is said even if it is this one."""

_THIS_WEEK = timedelta(days=6)


def needs_year(at: datetime, now: datetime | None, *, zone: tzinfo = UTC) -> bool:
    """Whether the year of an instant matters: it is another one, or months away, or nobody says what `now` is."""
    if now is None or abs(at - now) > NEAR:
        return True
    return at.astimezone(zone).year != now.astimezone(zone).year


def moment(at: datetime, now: datetime | None) -> str:
    """An instant in UTC: "4 Mar 12:00 UTC", "4 Mar 2027 12:00 UTC"."""
    utc = at.astimezone(UTC)
    year = f" {utc.year}" if needs_year(at, now) else ""
    # Not %-d, which only some systems know.
    return f"{utc.day} {utc:%b}{year} {utc:%H:%M} UTC"


def stamp(at: datetime) -> str:
    """An instant in its own zone, which is named by its offset: "2026-03-04 12:00:00 +01:00"."""
    zone = at.isoformat()[-len("+00:00") :] if at.utcoffset() else "UTC"
    return f"{at:%Y-%m-%d %H:%M:%S} {zone}"


def weekday(at: datetime, now: datetime, *, zone: tzinfo, zone_name: str) -> str:
    """An instant by somebody's clock: the day of the week if it is near, the date as well if it is not."""
    local = at.astimezone(zone)
    day = f"{local:%A}" if abs(at - now) < _THIS_WEEK else f"{local:%A} {local.day} {local:%B %Y}"
    return f"{day} {local:%H:%M} {zone_name}"
