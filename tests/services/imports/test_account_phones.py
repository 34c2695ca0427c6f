"""Which number a file means: one that could be somebody else's is refused, until the file is said to be of one kind."""

from dataclasses import replace

import phonenumbers
import pytest
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from domain.errors import BadContact, NotTexted, UnusableContact
from services.imports.account_files import WithoutPlus
from services.imports.account_phones import PhoneRules, phone_of

GERMANY, AMERICA = PhoneRules(region="DE"), PhoneRules(region="US")
LOST = PhoneRules(region="DE", without_plus=WithoutPlus.INTERNATIONAL)
DIALLED = PhoneRules(region="DE", without_plus=WithoutPlus.NATIONAL)
TYPES = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE)


def example(region: str, kind: int) -> str | None:
    number = phonenumbers.example_number_for_type(region, kind)
    return str(phonenumbers.format_number(number, PhoneNumberFormat.E164)) if number else None


def refusal(text: str, rules: PhoneRules) -> str:
    with pytest.raises(BadContact) as refused:
        phone_of(text, rules)
    return str(refused.value)


def number_or_refusal(text: str, rules: PhoneRules) -> str:
    try:
        return phone_of(text, rules)
    except BadContact as refused:
        return str(refused)


@pytest.mark.parametrize("region", sorted(phonenumbers.SUPPORTED_REGIONS))
@pytest.mark.parametrize("kind", TYPES)
def test_in_no_region_does_a_number_without_its_plus_become_somebody_elses(region: str, kind: int) -> None:
    number = example(region, kind)
    if number is None:
        return
    for rules in (PhoneRules(region=region), GERMANY, AMERICA, PhoneRules()):
        answer = number_or_refusal(number.removeprefix("+"), rules)
        assert answer == number or "--without-plus" in answer
    lost = PhoneRules(region=region, without_plus=WithoutPlus.INTERNATIONAL)
    assert phone_of(number.removeprefix("+"), lost) == phone_of(number, lost) == number


def test_a_number_with_two_readings_is_refused_with_both() -> None:
    reason = refusal("4915112350018", GERMANY)
    assert reason.startswith("it is +49 491… as dialled in DE, or +49 151… without its plus: ")
    assert "12350018" not in reason


def test_a_number_that_only_a_plus_makes_one_is_refused_with_what_it_may_be() -> None:
    for rules in (AMERICA, PhoneRules()):
        assert "it may be +49 151… without its plus" in refusal("4915112350018", rules)


@pytest.mark.parametrize(
    ("text", "rules", "number"),
    [
        ("4915112350018", LOST, "+4915112350018"),
        ("4915112350018", DIALLED, "+494915112350018"),
        ("0151 12350018", LOST, "+4915112350018"),
        ("0151 12350018", DIALLED, "+4915112350018"),
        ("15112350018", DIALLED, "+4915112350018"),
        ("15112350018", GERMANY, "+4915112350018"),
        ("33612345678", PhoneRules(region="FR"), "+33612345678"),
        ("12025550104", AMERICA, "+12025550104"),
        ("+44 20 7946 0101", LOST, "+442079460101"),
        ("+44 20 7946 0101", DIALLED, "+442079460101"),
        ("0044 20 7946 0101", PhoneRules(), "+442079460101"),
        ("4915112350018.0", LOST, "+4915112350018"),
    ],
)
def test_what_is_said_of_the_whole_file_settles_it(text: str, rules: PhoneRules, number: str) -> None:
    assert phone_of(text, rules) == number


def test_what_is_said_of_the_whole_file_takes_no_other_reading_instead() -> None:
    assert "with a plus in front it is no number" in refusal("15112350018", LOST)
    american = PhoneRules(region="US", without_plus=WithoutPlus.NATIONAL)
    assert refusal("4915112350018", american) == "no such number is assigned in its country"


def test_a_number_from_where_nobody_is_served_does_not_become_a_strangers() -> None:
    served = PhoneRules(region="DE", countries=frozenset({"DE"}))
    for without_plus in ("33612345678", "436641234567"):
        assert "--without-plus" in refusal(without_plus, served)
    assert phone_of("33612345678", replace(served, without_plus=WithoutPlus.NATIONAL)) == "+4933612345678"
    for unserved, rules in (
        ("+33612345678", served),
        ("33612345678", replace(served, without_plus=WithoutPlus.INTERNATIONAL)),
    ):
        with pytest.raises(NotTexted):
            phone_of(unserved, rules)


def test_a_reading_at_a_premium_rate_is_none() -> None:
    assert phone_of("469951636", PhoneRules(region="AU")) == "+61469951636"


def test_a_number_of_a_retired_plan_is_unusable() -> None:
    with pytest.raises(UnusableContact):
        phone_of("+225 07 12 34 56", GERMANY)
