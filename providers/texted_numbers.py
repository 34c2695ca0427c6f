"""Which phone numbers are texted: none that costs more or that nobody reads, and only in countries that are served."""

from collections.abc import Sequence

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberType

from domain.errors import NotTexted
from domain.messages.messages import Fate
from domain.messages.text_limits import ELSEWHERE
from domain.ports import NeverDeliverable, Texter, TextMessage
from providers.contacts import phone_country

_NEVER = {
    PhoneNumberType.PREMIUM_RATE: "a premium-rate number",
    PhoneNumberType.SHARED_COST: "a shared-cost number",
    PhoneNumberType.PAGER: "a pager",
    PhoneNumberType.PERSONAL_NUMBER: "a personal number, which forwards at a price",
    PhoneNumberType.UAN: "a company's number for all its places",
    PhoneNumberType.VOICEMAIL: "a voicemail box",
}
"""Kinds of numbers that swindlers earn by, or that reach no phone in a hand."""


def require_textable(e164: str, countries: frozenset[str]) -> None:
    """Raise NotTexted for a number that is never texted. `countries` are those that are served; none means all.

    The number is as `providers.contacts.phone_number` returned it; the words do not repeat it.
    """
    kind = phonenumbers.number_type(phonenumbers.parse(e164))
    if kind in _NEVER:
        raise NotTexted(f"{_NEVER[kind]} is not texted")
    if countries and phone_country(e164) not in countries:
        raise NotTexted("its country is not served by text message")


def textable(numbers: Sequence[str], countries: frozenset[str]) -> tuple[str, ...]:
    """Those of some numbers that may be texted. Raises NotTexted if none may."""
    refusals, texted = [], []
    for number in numbers:
        try:
            require_textable(number, countries)
            texted.append(number)
        except NotTexted as refusal:
            refusals.append(refusal)
    if refusals and not texted:
        raise refusals[0]
    return tuple(texted)


def texted_country(e164: str) -> str:
    """The country (ISO 3166) whose ceiling a text message counts to; `ELSEWHERE` if it is nobody's."""
    try:
        return phone_country(e164) or ELSEWHERE
    except NumberParseException:
        return ELSEWHERE


class ChoosyTexter:
    """A Texter that never hands over a text message to a number that is not texted, however the number came here."""

    def __init__(self, texter: Texter, countries: frozenset[str]) -> None:
        self._texter = texter
        self._countries = countries

    @property
    def provider(self) -> str:
        """The provider's name."""
        return self._texter.provider

    def send(self, message: TextMessage) -> str:
        """Hand one text message over. Raises NeverDeliverable, which blames the number."""
        try:
            require_textable(message.to, self._countries)
        except NotTexted as refusal:
            raise NeverDeliverable(f"not_texted: {refusal}", fate=Fate.UNDELIVERABLE) from None
        return self._texter.send(message)
