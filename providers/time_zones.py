"""Time zones by their IANA names, from the time zone database's own list: not what lies on this machine besides."""

from collections.abc import Mapping
from functools import cache
from importlib import resources

_NO_PLACE = "Factory"
"""In the database, and the zone of nobody: it says that a clock was never set."""


def time_zone(text: str) -> str | None:
    """The IANA name that a text spells, in letters of any size, with blanks for underscores; None if it is none."""
    return _names().get(text.strip().casefold().replace(" ", "_"))


@cache
def _names() -> Mapping[str, str]:
    names = resources.files("tzdata").joinpath("zones").read_text(encoding="utf-8").split()
    return {name.casefold(): name for name in names if name != _NO_PLACE}
