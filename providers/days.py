"""Says days in a person's language, by CLDR."""

from datetime import date

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton

_FALLBACK = "en"


def long_day(day: date, locale: str) -> str:
    """A day as a letter says it, like "1 February 2027"; in English where the language is unknown."""
    return format_date(day, format="long", locale=_known(locale))


def short_day(day: date, locale: str) -> str:
    """A day as a text message says it, like "1 Feb 2027"."""
    return format_skeleton("yMMMd", day, locale=_known(locale))


def _known(locale: str) -> Locale:
    try:
        return Locale.parse(locale.replace("-", "_"))
    except (ValueError, UnknownLocaleError):
        return Locale.parse(_FALLBACK)
