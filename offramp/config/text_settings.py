"""The settings of text messages: to which countries they may go, and how many in a day."""

from typing import Annotated

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode

from domain.messages.text_limits import OTHERS


class TextSettings(BaseSettings):
    """Who may be texted, and how often; `docs/settings.md` explains each."""

    sms_per_day: int | None = Field(default=None, ge=0)
    sms_per_day_by_country: str = ""
    sms_countries: Annotated[tuple[str, ...], NoDecode] = ()

    @field_validator("sms_per_day_by_country")
    @classmethod
    def ceilings_are_some(cls, ceilings: str) -> str:
        """Require pairs `country:number`, separated by commas."""
        read_ceilings(ceilings)
        return ceilings

    @field_validator("sms_countries", mode="before")
    @classmethod
    def countries_are_listed(cls, countries: object) -> object:
        """Split countries that are separated by commas, and require that they are some."""
        if not isinstance(countries, str):
            return countries
        return [_country(code) for code in countries.split(",") if code.strip()]


def read_ceilings(text: str) -> dict[str, int]:
    """The ceiling of each country, from `DE:10000,*:500`; the star is for all others. Raises ValueError."""
    pairs = [pair.partition(":") for pair in text.split(",") if pair.strip()]
    if not all(number.strip().isdecimal() for _, _, number in pairs):
        raise ValueError(
            "ceilings are pairs like DE:10000, separated by commas; *:500 is for all other countries"
        )
    return {_country(code, also=OTHERS): int(number) for code, _, number in pairs}


def _country(code: str, *, also: str = "") -> str:
    from providers.countries import is_country  # few commands need to read the table of countries

    code = code.strip().upper()
    if code != also and not is_country(code):
        raise ValueError(f"{code} is not a country's two letters by ISO 3166, like DE or GB")
    return code
