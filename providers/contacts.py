"""Phone numbers by Google's phonenumbers, e-mail addresses by email-validator: checked, and in one canonical form."""

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from phonenumbers import CountryCodeSource, NumberParseException, PhoneNumber, PhoneNumberFormat
from phonenumbers.timezone import UNKNOWN_TIMEZONE, time_zones_for_number

from domain.errors import BadContact, UnusableContact
from domain.safety.contact_keys import bare_address
from providers.countries import is_country
from providers.retired_numbers import renumbered

_LONGEST_PHONE = 40
_WITH_COUNTRY_CODE = (CountryCodeSource.FROM_NUMBER_WITH_PLUS_SIGN, CountryCodeSource.FROM_NUMBER_WITH_IDD)
_ROUNDED = re.compile(r"\d+[.,]?\d*E\+?\d+", re.IGNORECASE)
"""A number as spreadsheets show it, like 4.91511E+12: the digits that are left out are lost."""

_DECIMALS = re.compile(r"(\+?\d{6,})\.0+")
"""A number that a program took for a fraction, like 4915112345602.0; the zero behind the point is no part of it."""

_MIDWINTER = datetime(2026, 1, 1, tzinfo=UTC)

_UNPARSED = {
    NumberParseException.INVALID_COUNTRY_CODE: "it needs a country code, like +49 or +1",
    NumberParseException.NOT_A_NUMBER: "it is not a number",
    NumberParseException.TOO_SHORT_AFTER_IDD: "it is too short",
    NumberParseException.TOO_SHORT_NSN: "it is too short",
    NumberParseException.TOO_LONG: "it is too long",
}


def phone_number(text: str, region: str | None = None) -> str:
    """The number in E.164, of today's plan. Without a country code it is read as one of `region` (ISO 3166, like DE).

    Raises BadContact, whose words do not repeat the number: UnusableContact if the text has a country code.
    """
    number = _parsed(text, region)
    e164 = str(phonenumbers.format_number(number, PhoneNumberFormat.E164))
    if phonenumbers.is_valid_number(number):
        return e164
    current = renumbered(e164)
    if current and phonenumbers.is_valid_number(phonenumbers.parse(current)):
        return current
    fault = UnusableContact if number.country_code_source in _WITH_COUNTRY_CODE else BadContact
    raise fault("no such number is assigned in its country")


def _parsed(text: str, region: str | None) -> PhoneNumber:
    if len(text) > _LONGEST_PHONE:
        raise BadContact("it is too long")
    if _ROUNDED.fullmatch(text.strip()):
        raise BadContact("a program has rounded it, and most of its digits are lost")
    decimals = _DECIMALS.fullmatch(text.strip())
    try:
        number = phonenumbers.parse(decimals[1] if decimals else text, region, keep_raw_input=True)
    except NumberParseException as error:
        raise BadContact(_UNPARSED[error.error_type]) from None
    if number.extension:
        raise BadContact("an extension cannot be texted")
    return number


def phone_country(e164: str) -> str | None:
    """The country (ISO 3166) whose number this is, as `phone_number` returned it; None for international ones."""
    country = phonenumbers.region_code_for_number(phonenumbers.parse(e164))
    return country if country and is_country(country) else None


def phone_time_zone(e164: str) -> str | None:
    """The IANA time zone of a number, as `phone_number` returned it; None if nobody can say.

    If a country has several zones and the number does not tell them apart, it is the middle one of them.
    """
    zones = [zone for zone in time_zones_for_number(phonenumbers.parse(e164)) if zone != UNKNOWN_TIMEZONE]
    by_offset = sorted(zones, key=lambda zone: (_MIDWINTER.astimezone(ZoneInfo(zone)).utcoffset(), zone))
    return by_offset[len(by_offset) // 2] if by_offset else None


def email_address(text: str) -> str:
    """The address in its spelling, with its domain in lower case and Unicode normalised (IDNA); the DNS is not asked.

    Raises BadContact: UnusableContact if a provider may have given it out, like `a..b@example.com`.
    """
    try:
        return validate_email(bare_address(text), check_deliverability=False).normalized
    except EmailNotValidError as error:
        fault = UnusableContact if _has_domain(bare_address(text)) else BadContact
        raise fault(str(error)) from None


def _has_domain(text: str) -> bool:
    """Whether it is a domain alone that would make an address of it: providers give out what no standard allows."""
    local, _, domain = text.rpartition("@")
    try:
        return bool(local and validate_email(f"x@{domain}", check_deliverability=False))
    except EmailNotValidError:
        return False


def normal_address(text: str) -> str:
    """The same of an address that need not be valid, such as one of an intranet or half of one: as far as it goes."""
    try:
        return email_address(text)
    except BadContact:
        return bare_address(text)


def is_region(text: str) -> bool:
    """Whether phone numbers can be read as numbers of this region."""
    return text in phonenumbers.SUPPORTED_REGIONS
