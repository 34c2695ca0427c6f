"""Reads where somebody is and which language they speak, in the spellings of other systems whose meaning is plain."""

import re

from providers.countries import is_country
from providers.templates import canonical
from providers.time_zones import time_zone

_POSIX = re.compile(r"(?P<tag>[A-Za-z0-9_-]+)(\.[A-Za-z0-9_-]+)?(@[A-Za-z]+)?")
"""A locale of POSIX, like `de_DE.UTF-8@euro`; what stands behind the tag does not matter for what people read."""

_BEHIND_FIRST = re.compile(r"[,;].*", re.DOTALL)
_LONGEST_LOCALE = 35
"""No tag in use is longer (RFC 5646, 4.4.1)."""


def locale_of(text: str) -> str:
    """The language tag, like pt-BR. Of several, as a browser sends them, it is the first. Raises ValueError."""
    posix = _POSIX.fullmatch(_BEHIND_FIRST.sub("", text).strip())
    tag = canonical(posix["tag"]) if posix else None
    if tag is None or len(tag) > _LONGEST_LOCALE:
        raise ValueError("it is not a language tag like en or pt-BR")
    return tag


def time_zone_of(text: str) -> str:
    """The IANA name of the time zone. Raises ValueError."""
    zone = time_zone(text)
    if zone is None:
        raise ValueError("it is not an IANA time zone like Europe/Berlin")
    return zone


def country_of(text: str) -> str:
    """The country's two letters by ISO 3166. Raises ValueError."""
    code = text.upper()
    if not is_country(code):
        raise ValueError("it is not a country's two letters by ISO 3166, like DE or GB")
    return code
