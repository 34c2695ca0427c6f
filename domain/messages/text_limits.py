"""How many text messages may go out in a day of UTC, in all and to each country: whoever pays for them sets it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

ELSEWHERE = "ZZ"
"""The country of a number that belongs to none, or to an unknown one (ISO 3166 keeps this code for users)."""

ALL = "all"
"""Stands for every country together."""

OTHERS = "*"
"""Stands for every country that has no ceiling of its own."""

CLOSE = 0.8
"""From this share of a ceiling on, operators are told."""


def _elsewhere(_phone: str) -> str:
    return ELSEWHERE


@dataclass(frozen=True, kw_only=True)
class TextLimits:
    """The ceilings of text messages; None, or a country that is not named, means none.

    `country_of` says which country (ISO 3166) a number in E.164 belongs to.
    """

    per_day: int | None = None
    by_country: Mapping[str, int] = field(default_factory=dict)
    country_of: Callable[[str], str] = _elsewhere

    def ceiling(self, country: str) -> int | None:
        """The ceiling of one country, or of `ALL`."""
        if country == ALL:
            return self.per_day
        return self.by_country.get(country, self.by_country.get(OTHERS))


@dataclass(frozen=True, kw_only=True)
class CeilingUse:
    """How many text messages have gone out today under one ceiling; `country` may be `ALL`."""

    country: str
    times: int
    ceiling: int

    @property
    def share(self) -> float:
        """The share of the ceiling that is used up; a ceiling of zero is always used up."""
        return self.times / self.ceiling if self.ceiling else 1.0


def uses(limits: TextLimits, times: Mapping[str, int]) -> list[CeilingUse]:
    """How far each ceiling is used up, by the text messages of one day to each country."""
    counted = {ALL: sum(times.values()), **times}
    return [
        CeilingUse(country=country, times=count, ceiling=ceiling)
        for country, count in counted.items()
        if (ceiling := limits.ceiling(country)) is not None
    ]


def is_full(limits: TextLimits, times: Mapping[str, int], country: str) -> bool:
    """Whether no further text message may go to a country today."""
    counted = {country: 0, **times}
    return any(use.share >= 1 for use in uses(limits, counted) if use.country in (ALL, country))


def day_of(at: datetime) -> date:
    """The day to which a text message counts."""
    return at.astimezone(UTC).date()


def next_day(at: datetime) -> datetime:
    """When the next day begins."""
    return datetime.combine(day_of(at) + timedelta(days=1), time(), tzinfo=UTC)
