"""Countries: those of ISO 3166, and Kosovo."""

import pytest

from providers.countries import is_country


@pytest.mark.parametrize(
    ("code", "is_there"),
    [("DE", True), ("GB", True), ("XK", True), ("UK", False), ("de", False), ("EU", False), ("", False)],
)
def test_a_country_is_known_by_its_two_letters(code: str, is_there: bool) -> None:
    assert is_country(code) is is_there
