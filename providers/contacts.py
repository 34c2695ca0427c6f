"""Phone numbers by Google's phonenumbers, e-mail addresses by email-validator: checked, and in one canonical form."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from phonenumbers import NumberParseException, PhoneNumberFormat
from phonenumbers.timezone import UNKNOWN_TIMEZONE, time_zones_for_number

from domain.contact_keys import bare_address
from domain.errors import BadContact
from providers.countries import is_country

_LONGEST_PHONE = 40
_MIDWINTER = datetime(2026, 1, 1, tzinfo=UTC)

_UNPARSED = {
    NumberParseException.INVALID_COUNTRY_CODE: "it needs a country code, like +49 or +1",
    NumberParseException.NOT_A_NUMBER: "it is not a number",
    NumberParseException.TOO_SHORT_AFTER_IDD: "it is too short",
    NumberParseException.TOO_SHORT_NSN: "it is too short",
    NumberParseException.TOO_LONG: "it is too long",
}


def phone_number(text: str, region: str | None = None) -> str:
    """The number in E.164. A number without a country code is read as one of `region` (ISO 3166, like DE).

    Raises BadContact, whose words do not repeat the number.
    """
    if len(text) > _LONGEST_PHONE:
        raise BadContact("it is too long")
    try:
        number = phonenumbers.parse(text, region)
    except NumberParseException as error:
        raise BadContact(_UNPARSED[error.error_type]) from None
    if number.extension:
        raise BadContact("an extension cannot be texted")
    if not phonenumbers.is_valid_number(number):
        raise BadContact("no such number is assigned in its country")
    return str(phonenumbers.format_number(number, PhoneNumberFormat.E164))


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

    Raises BadContact.
    """
    try:
        return validate_email(bare_address(text), check_deliverability=False).normalized
    except EmailNotValidError as error:
        raise BadContact(str(error)) from None


def normal_address(text: str) -> str:
    """The same of an address that need not be valid, such as one of an intranet or half of one: as far as it goes."""
    try:
        return email_address(text)
    except BadContact:
        return bare_address(text)


def is_region(text: str) -> bool:
    """Whether phone numbers can be read as numbers of this region."""
    return text in phonenumbers.SUPPORTED_REGIONS
