"""Locales, time zones and countries: every spelling whose meaning is plain is taken, and no other."""

from importlib import resources
from zoneinfo import ZoneInfo

import pytest

from services.imports.account_places import country_of, locale_of, time_zone_of


@pytest.mark.parametrize(
    ("written", "tag"),
    [
        ("de", "de"),
        ("de_DE", "de-DE"),
        ("de-de", "de-DE"),
        ("DE", "de"),
        ("de_DE.UTF-8", "de-DE"),
        ("de_DE.utf8@euro", "de-DE"),
        ("de_AT@euro", "de-AT"),
        ("zh_hant_tw", "zh-Hant-TW"),
        ("de-DE,de;q=0.9,en;q=0.8", "de-DE"),
        ("pt-BR;q=1", "pt-BR"),
        ("es-419", "es-419"),
    ],
)
def test_a_locale_is_read_in_the_spellings_of_other_systems(written: str, tag: str) -> None:
    assert locale_of(written) == tag
    assert locale_of(tag) == tag


@pytest.mark.parametrize(
    "written",
    ["C", "C.UTF-8", "POSIX", "English (UK)", "deutsch", "de_DE.", "*", ",de", "ada@example.com", "de" * 20],
)
def test_what_names_no_language_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="language tag"):
        locale_of(written)


@pytest.mark.parametrize(
    ("written", "zone"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ("europe/berlin", "Europe/Berlin"),
        ("EUROPE/BERLIN", "Europe/Berlin"),
        ("America/New York", "America/New_York"),
        ("america/argentina/buenos_aires", "America/Argentina/Buenos_Aires"),
        ("utc", "UTC"),
        ("etc/gmt+5", "Etc/GMT+5"),
    ],
)
def test_a_time_zone_is_read_in_letters_of_any_size(written: str, zone: str) -> None:
    assert time_zone_of(written) == zone


@pytest.mark.parametrize(
    "written",
    [
        *("localtime", "LOCALTIME", "Factory", "posixrules", "posix/Europe/Berlin", "right/Europe/Berlin"),
        *("Berlin", "../../etc/passwd", "/etc/localtime", "UTC+2", "tzdata.zi", "zone.tab", "Europe"),
    ],
)
def test_what_is_no_place_is_no_time_zone(written: str) -> None:
    with pytest.raises(ValueError, match="IANA"):
        time_zone_of(written)


def test_every_zone_that_is_taken_is_one_that_the_clocks_know() -> None:
    names = resources.files("tzdata").joinpath("zones").read_text(encoding="utf-8").split()
    taken = [name for name in names if name != "Factory"]
    assert all(ZoneInfo(time_zone_of(name.lower())).key == name for name in taken)
    assert len(taken) > 500


def test_a_country_is_read_in_small_letters_too() -> None:
    assert country_of("ie") == "IE"
