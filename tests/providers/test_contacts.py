"""Phone numbers and e-mail addresses: what is taken, in which form, and how a refusal reads."""

from zoneinfo import ZoneInfo

import phonenumbers
import pytest

from domain.errors import BadContact
from providers.contacts import email_address, is_region, phone_country, phone_number, phone_time_zone


@pytest.mark.parametrize(
    ("typed", "region", "canonical"),
    [
        ("+49 151 12345602", None, "+4915112345602"),
        ("+49 (0) 151 / 123 456-02", None, "+4915112345602"),
        ("0151 12345602", "DE", "+4915112345602"),
        ("(202) 555-0104", "US", "+12025550104"),
        ("00442079460101", "DE", "+442079460101"),
        ("+39 06 1234 5603", None, "+390612345603"),
        ("+٤٩ ١٥١ ١٢٣٤٥٦٠٢", None, "+4915112345602"),
    ],
)
def test_a_phone_number_is_kept_in_its_one_international_form(
    typed: str, region: str | None, canonical: str
) -> None:
    assert phone_number(typed, region) == canonical
    assert phone_number(canonical) == canonical


@pytest.mark.parametrize(
    ("typed", "region", "reason"),
    [
        ("0151 12345602", None, "country code"),
        ("12", None, "country code"),
        ("+49 1", None, "too short|no such number"),
        ("+999 1234567", None, "country code"),
        ("hello", "DE", "not a number"),
        ("", None, "not a number|country code"),
        ("+1 202 555", None, "no such number"),
        ("+1 202 555 0104 ext. 7", None, "extension"),
        ("+4915112345602" * 20, None, "too long"),
    ],
)
def test_what_is_no_phone_number_is_refused_with_the_reason(
    typed: str, region: str | None, reason: str
) -> None:
    with pytest.raises(BadContact, match=reason) as refusal:
        phone_number(typed, region)
    assert not typed or len(typed) < 3 or typed not in str(refusal.value)


@pytest.mark.parametrize(
    ("typed", "canonical"),
    [
        ("ada@example.com", "ada@example.com"),
        ("  Ada.L@EXAMPLE.com ", "Ada.L@example.com"),
        ("ada+offramp@example.co.uk", "ada+offramp@example.co.uk"),
        ("ü@bücher.example.org", "ü@bücher.example.org"),
    ],
)
def test_an_email_address_is_kept_in_one_form(typed: str, canonical: str) -> None:
    assert email_address(typed) == canonical
    assert email_address(canonical) == canonical


@pytest.mark.parametrize(
    "typed",
    ["", "ada", "ada@", "@example.com", "ada@example", "a b@example.com", "ada@ex\nample.com", "a" * 500],
)
def test_what_is_no_email_address_is_refused(typed: str) -> None:
    with pytest.raises(BadContact):
        email_address(typed)


def test_regions_are_two_capital_letters() -> None:
    assert is_region("DE")
    assert not is_region("de")
    assert not is_region("XX")


@pytest.mark.parametrize(
    ("number", "country"),
    [("+442079460101", "GB"), ("+12025550104", "US"), ("+38344123456", "XK"), ("+80012345678", None)],
)
def test_a_number_tells_its_country_if_it_has_one(number: str, country: str | None) -> None:
    assert phone_country(number) == country


@pytest.mark.parametrize(
    ("number", "zone"),
    [
        ("+4915112345602", "Europe/Berlin"),
        ("+442079460101", "Europe/London"),
        ("+33612345678", "Europe/Paris"),
        ("+34612345678", "Europe/Madrid"),
        ("+74951234567", "Europe/Moscow"),
        ("+12025550104", "America/New_York"),
        ("+13105550104", "America/Los_Angeles"),
        ("+18085550104", "Pacific/Honolulu"),
        ("+525512345678", "America/Mexico_City"),
        ("+5511987654321", "America/Sao_Paulo"),
        ("+61212345678", "Australia/Sydney"),
        ("+818012345678", "Asia/Tokyo"),
        ("+919812345678", "Asia/Calcutta"),
        ("+97714123456", "Asia/Katmandu"),
        ("+80012345678", None),
    ],
)
def test_a_number_tells_its_time_zone_if_it_has_one(number: str, zone: str | None) -> None:
    assert phone_time_zone(number) == zone


@pytest.mark.parametrize(
    ("number", "zone"), [("+61412345678", "Australia/Brisbane"), ("+79161234567", "Asia/Novosibirsk")]
)
def test_a_number_from_anywhere_in_a_wide_country_is_taken_to_be_in_its_middle(
    number: str, zone: str
) -> None:
    assert phone_time_zone(number) == zone


@pytest.mark.parametrize("region", sorted(phonenumbers.SUPPORTED_REGIONS))
def test_every_countrys_numbers_have_a_time_zone_that_the_clocks_know(region: str) -> None:
    example = phonenumbers.example_number(region)
    assert example
    zone = phone_time_zone(phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164))
    assert zone is None or ZoneInfo(zone)
