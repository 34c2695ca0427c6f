"""What a text can mean as a phone number.

A spreadsheet takes the plus of a number away. What it leaves may also be dialled as it is, and be somebody else's.
"""

import re
import unicodedata
from dataclasses import dataclass

import phonenumbers

from domain.errors import BadContact
from providers.contacts import phone_number

_BARE = re.compile(r"[^\d+\uff0b]*(?=\d)(?!0)", re.ASCII)
"""What stands before a number that begins neither with a plus nor with a zero. No country code begins with a zero."""

_FOR_PLUS = re.compile(r"\D*00", re.ASCII)
_SHOWN = 3
_ARGENTINA, _ARGENTINE_MOBILE = "+54", "+549"


@dataclass(frozen=True, kw_only=True)
class PhoneReadings:
    """The numbers in E.164 that a text can mean, None where it cannot.

    `dialled` is what somebody in the region reaches, or what is written with its country code; `fault` says why there
    is none. `with_plus` is what a number without plus or zero would be if it had lost its plus.
    """

    dialled: str | None
    with_plus: str | None
    fault: BadContact | None

    @property
    def numbers(self) -> tuple[str, ...]:
        """All of them, each once."""
        return tuple(dict.fromkeys(number for number in (self.dialled, self.with_plus) if number))


def phone_readings(text: str, region: str | None) -> PhoneReadings:
    """What a text can mean where it is dialled in a region (ISO 3166), or without one."""
    text = _in_western_digits(text)
    dialled, fault = _read(text, region)
    if dialled is None and _FOR_PLUS.match(text):
        dialled, fault = _read(_FOR_PLUS.sub("+", text, count=1), None)
    with_plus = _read(_BARE.sub("+", text, count=1), None)[0] if is_bare(text) else None
    return PhoneReadings(dialled=dialled, with_plus=with_plus, fault=fault)


def is_bare(text: str) -> bool:
    """Whether a number begins neither with a plus nor with a zero, so that a plus may have been lost."""
    return _BARE.match(_in_western_digits(text)) is not None


def twin(e164: str) -> str | None:
    """The other way in which the same number is written: a mobile number of Argentina has a 9 only from abroad."""
    if e164.startswith(_ARGENTINE_MOBILE):
        other = _ARGENTINA + e164.removeprefix(_ARGENTINE_MOBILE)
    elif e164.startswith(_ARGENTINA):
        other = _ARGENTINE_MOBILE + e164.removeprefix(_ARGENTINA)
    else:
        return None
    return _read(other, None)[0]


def on_record(text: str) -> tuple[str, ...]:
    """The numbers by which accounts may have what somebody tells with its country code, of whatever plan it is."""
    numbers = phone_readings(text, None).numbers
    return (*numbers, *(other for other in map(twin, numbers) if other))


def beginning(e164: str) -> str:
    """The country code and the first digits of a number, which tell numbers apart and nobody's phone: `+49 151…`."""
    number = phonenumbers.parse(e164)
    return f"+{number.country_code} {phonenumbers.national_significant_number(number)[:_SHOWN]}…"


def _in_western_digits(text: str) -> str:
    """The text with the digits of every script as 0 to 9, of which the expressions here know."""
    return "".join(str(unicodedata.decimal(letter, letter)) for letter in text)


def _read(text: str, region: str | None) -> tuple[str | None, BadContact | None]:
    try:
        return phone_number(text, region), None
    except BadContact as fault:
        return None, fault
