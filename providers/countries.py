"""Countries by ISO 3166, from the table that comes with the time zone database."""

from functools import cache
from importlib import resources

_KOSOVO = "XK"  # not in ISO 3166, but in common use, also for phone numbers


def is_country(code: str) -> bool:
    """Whether this is the two-letter code of a country."""
    return code in _codes()


@cache
def _codes() -> frozenset[str]:
    table = resources.files("tzdata").joinpath("zoneinfo", "iso3166.tab").read_text(encoding="utf-8")
    lines = (line for line in table.splitlines() if line and not line.startswith("#"))
    return frozenset(line.split("\t")[0] for line in lines) | {_KOSOVO}
