"""Decides which phone number a file means, and refuses a number that could as well be somebody else's."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.errors import BadContact
from providers.phone_readings import PhoneReadings, beginning, is_bare, phone_readings
from providers.texted_numbers import textable
from services.imports.account_files import WithoutPlus

ANYWHERE: frozenset[str] = frozenset()
_WAY_OUT = "write its plus, or say for the whole file what --without-plus is"


@dataclass(frozen=True, kw_only=True)
class PhoneRules:
    """How a file's numbers are read. `region` is where those without a country code are dialled (ISO 3166).

    `countries` are those whose numbers are texted; none means all. Without `without_plus`, what has two readings is
    refused.
    """

    region: str | None = None
    countries: frozenset[str] = ANYWHERE
    without_plus: WithoutPlus | None = None


def phone_of(text: str, rules: PhoneRules) -> str:
    """The one number in E.164 that a text means. Raises BadContact, whose words do not repeat the number."""
    readings = phone_readings(text, rules.region)
    numbers = textable(_meant(text, readings, rules.without_plus), ANYWHERE)
    # Of two readings, the one in a country that is not served may be the right one, and the other one a stranger's.
    if len(numbers) > 1:
        here, abroad = map(beginning, numbers)
        raise BadContact(
            f"it is {here} as dialled in {rules.region}, or {abroad} without its plus: {_WAY_OUT}"
        )
    if readings.dialled is None and rules.without_plus is None:
        raise BadContact(f"{readings.fault}; it may be {beginning(numbers[0])} without its plus: {_WAY_OUT}")
    return textable(numbers, rules.countries)[0]


def _meant(text: str, readings: PhoneReadings, without_plus: WithoutPlus | None) -> Sequence[str]:
    """What the text can mean by what is said of the file. Raises BadContact if it can mean nothing."""
    if without_plus is WithoutPlus.INTERNATIONAL and is_bare(text):
        if readings.with_plus is None:
            raise BadContact("with a plus in front it is no number of any country")
        return [readings.with_plus]
    numbers = [readings.dialled] if without_plus else readings.numbers
    if not any(numbers) and readings.fault:
        raise readings.fault
    return [number for number in numbers if number]
