"""Numbers of plans that ended: read as today's where the change was one for all, and called unusable elsewhere."""

import pytest

from domain.errors import BadContact, UnusableContact
from providers.contacts import phone_number
from providers.retired_numbers import renumbered


@pytest.mark.parametrize(
    ("retired", "today"),
    [
        ("+52 1 55 1234 5678", "+525512345678"),
        ("+55 11 8765-4321", "+5511987654321"),
        ("+229 97 12 34 56", "+2290197123456"),
    ],
)
def test_a_retired_number_is_kept_as_todays_plan_has_it(retired: str, today: str) -> None:
    assert phone_number(retired) == today
    assert phone_number(today) == today
    assert renumbered(today) is None


@pytest.mark.parametrize(
    ("dialled", "region", "today"),
    [("1 55 1234 5678", "MX", "+525512345678"), ("(11) 8765-4321", "BR", "+5511987654321")],
)
def test_it_is_read_alike_as_it_was_dialled(dialled: str, region: str, today: str) -> None:
    assert phone_number(dialled, region) == today


@pytest.mark.parametrize(
    "number", ["+225 07 12 34 56", "0022507123456", "+84 120 123 4567", "+549111523456789", "+521551234567"]
)
def test_a_number_whose_successor_nobody_can_tell_is_unusable_and_no_mistake(number: str) -> None:
    with pytest.raises(UnusableContact):
        phone_number(number, "DE")


@pytest.mark.parametrize(("typed", "region"), [("07 12 34 56", "CI"), ("+999 1234567", None), ("+49", None)])
def test_what_has_no_country_of_its_own_is_a_mistake(typed: str, region: str | None) -> None:
    with pytest.raises(BadContact) as refusal:
        phone_number(typed, region)
    assert not isinstance(refusal.value, UnusableContact)


@pytest.mark.parametrize("number", ["+5511287654321", "+551131234567", "+525512345678", "+5491123456789"])
def test_numbers_of_todays_plans_stay_as_they_are(number: str) -> None:
    assert renumbered(number) is None
