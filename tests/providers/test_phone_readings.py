"""What a text can mean as a phone number: as it is dialled, and as it was before a spreadsheet took its plus."""

import re

import phonenumbers
import pytest
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from providers.phone_readings import beginning, is_bare, phone_readings, twin

REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)
BERLIN_FIBRE, MOBILE = "+494915112350018", "+4915112350018"


def mobile(region: str, form: int = PhoneNumberFormat.E164) -> str:
    """A mobile number of a region, written as somebody would."""
    number = phonenumbers.example_number_for_type(region, PhoneNumberType.MOBILE)
    number = number or phonenumbers.example_number(region)
    assert number
    return str(phonenumbers.format_number(number, form))


@pytest.mark.parametrize("region", REGIONS)
def test_a_number_that_lost_its_plus_is_always_among_the_readings(region: str) -> None:
    number = mobile(region)
    assert number in phone_readings(number.removeprefix("+"), region).numbers
    assert number in phone_readings(number.removeprefix("+"), None).numbers
    assert number in phone_readings(f"{number.removeprefix('+')}.0", region).numbers


@pytest.mark.parametrize("region", REGIONS)
def test_a_number_with_its_plus_or_two_zeros_has_one_reading_wherever_it_is_read(region: str) -> None:
    for written in (mobile(region), mobile(region, PhoneNumberFormat.INTERNATIONAL)):
        for where in (None, "DE", "US", region):
            assert phone_readings(written, where).numbers == (mobile(region),)
        assert phone_readings(written.replace("+", "00"), None).numbers == (mobile(region),)


@pytest.mark.parametrize("region", REGIONS)
def test_a_number_as_it_is_dialled_at_home_is_the_likeliest_reading(region: str) -> None:
    dialled = mobile(region, PhoneNumberFormat.NATIONAL)
    assert phone_readings(dialled, region).numbers[0] == mobile(region)
    if dialled.startswith("0"):
        assert phone_readings(dialled, region).numbers == (mobile(region),)


def test_every_german_mobile_number_without_its_plus_has_two_readings() -> None:
    prefixes = [
        f"{prefix}" for prefix in (151, 152, 155, 157, 159, 160, 162, 163, 170, 171, 172, 175, 176, 179)
    ]
    numbers = [f"+49{prefix}12350018"[: 13 if prefix.startswith(("16", "17")) else 14] for prefix in prefixes]
    readings = [phone_readings(number.removeprefix("+"), "DE") for number in numbers]
    assert [reading.with_plus for reading in readings] == numbers
    assert all(len(reading.numbers) == 2 for reading in readings)


@pytest.mark.parametrize(
    ("typed", "region", "numbers"),
    [
        ("4915112350018", "DE", (BERLIN_FIBRE, MOBILE)),
        ("4915112350018", "US", (MOBILE,)),
        ("4915112350018", None, (MOBILE,)),
        ("4915112350018.0", "DE", (BERLIN_FIBRE, MOBILE)),
        ("(49) 151 12350018", "DE", (BERLIN_FIBRE, MOBILE)),
        ('="+4915112350018"', "US", (MOBILE,)),
        ("'+4915112350018", "US", (MOBILE,)),
        ("\u202a+4915112350018\u202c", "US", (MOBILE,)),
        ("＋４９１５１１２３５００１８", "US", (MOBILE,)),
        ("٤٩١٥١١٢٣٥٠٠١٨", "DE", (BERLIN_FIBRE, MOBILE)),
        ("４９１５１１２３５００１８", "DE", (BERLIN_FIBRE, MOBILE)),
        ("٠٠٤٩١٥١١٢٣٥٠٠١٨", None, (MOBILE,)),
        ("15112350018", "DE", (MOBILE,)),
        ("12025550104", "US", ("+12025550104",)),
        ("4792345678", "US", ("+14792345678", "+4792345678")),
        ("15512345678", "MX", ("+525512345678", "+15512345678")),
    ],
)
def test_the_readings_of_a_number(typed: str, region: str | None, numbers: tuple[str, ...]) -> None:
    assert phone_readings(typed, region).numbers == numbers


@pytest.mark.parametrize(
    ("typed", "region", "reason"),
    [
        ("hello", "DE", "not a number"),
        ("", None, "not a number|country code"),
        ("0151 12350018", None, "country code"),
        ("4.91511E+12", "DE", "rounded"),
        ("4,91511E+12", "DE", "rounded"),
        ("4.915112345E12", "DE", "rounded"),
        ("0022507123456", "DE", "no such number"),
        ("4915112350018 ext. 7", "DE", "extension"),
    ],
)
def test_what_is_no_number_has_no_reading_and_a_reason(typed: str, region: str | None, reason: str) -> None:
    readings = phone_readings(typed, region)
    assert readings.numbers == ()
    assert readings.fault is not None
    assert re.search(reason, str(readings.fault))


def test_only_a_number_without_plus_and_zero_may_have_lost_its_plus() -> None:
    assert [
        is_bare(text) for text in ("49151", " (49) 151", "+49", "(+49)", "0151", "(0) 151", "", "hi")
    ] == [
        *(True, True),
        *(False,) * 6,
    ]


def test_an_argentine_mobile_number_is_the_same_with_and_without_its_nine() -> None:
    assert twin("+5491123456789") == "+541123456789"
    assert twin("+541123456789") == "+5491123456789"
    assert twin(MOBILE) is None


def test_the_beginning_tells_two_readings_apart_and_dials_nobody() -> None:
    assert (beginning(BERLIN_FIBRE), beginning(MOBILE)) == ("+49 491…", "+49 151…")
    assert beginning("+12025550104") == "+1 202…"
