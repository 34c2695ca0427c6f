"""Whether it is night for a person, said in another way than the code under test says it."""

from datetime import datetime
from zoneinfo import ZoneInfo

from domain.policy import Policy


def is_quiet(at: datetime, zone: str, policy: Policy) -> bool:
    """Whether an instant is within the quiet hours, by the clock on the wall of a zone."""
    begin, end, now = (
        clock.hour * 60 + clock.minute
        for clock in (policy.quiet_from, policy.quiet_until, at.astimezone(ZoneInfo(zone)).time())
    )
    return (now - begin) % 1440 < (end - begin) % 1440
