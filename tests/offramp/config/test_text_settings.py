"""Ceilings and countries of text messages, as they are written down and as they reach the database."""

from pathlib import Path

import pytest

from domain.messages.text_limits import ELSEWHERE, OTHERS, TextLimits
from offramp.config.settings import NotConfigured, Settings
from offramp.config.text_settings import read_ceilings
from offramp.opening import opened_database, read_settings
from store.messages import text_counts


def settings_of(monkeypatch: pytest.MonkeyPatch, **changes: str) -> Settings:
    for name, value in changes.items():
        monkeypatch.setenv(f"OFFRAMP_{name}", value)
    return read_settings()


def test_ceilings_are_read_by_country_with_a_star_for_the_others() -> None:
    assert read_ceilings("DE:10000, at:20,*:5") == {"DE": 10000, "AT": 20, OTHERS: 5}
    assert read_ceilings("") == {}


@pytest.mark.parametrize("text", ["DE", "DE:", "DE:many", "DE:-1", "Germany:3", "QQ:3"])
def test_what_is_no_ceiling_is_refused(text: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NotConfigured, match="OFFRAMP_SMS_PER_DAY_BY_COUNTRY"):
        settings_of(monkeypatch, SMS_PER_DAY_BY_COUNTRY=text)


def test_countries_are_a_list_of_countries(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings_of(monkeypatch, SMS_COUNTRIES="de, AT").sms_countries == ("DE", "AT")
    with pytest.raises(NotConfigured, match="OFFRAMP_SMS_COUNTRIES: EU is not a country"):
        settings_of(monkeypatch, SMS_COUNTRIES="EU")


def test_the_database_knows_the_ceilings(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_of(monkeypatch, SMS_PER_DAY="7", SMS_PER_DAY_BY_COUNTRY="DE:3")
    with opened_database(settings) as database, database.reading() as session:
        limits: TextLimits = text_counts.limits(session)
    assert (limits.per_day, limits.ceiling("DE"), limits.ceiling("AT")) == (7, 3, None)
    assert limits.country_of("+4915112345602") == "DE"
    assert limits.country_of("nonsense") == ELSEWHERE
