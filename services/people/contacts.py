"""Reads what people type into one field: a phone number or an e-mail address."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.errors import BadContact
from providers import contacts
from providers.phone_readings import phone_readings, twin


@dataclass(frozen=True, kw_only=True)
class Contact:
    """One contact: either a phone number in E.164, or an e-mail address in the spelling that was typed.

    `other_phones` are further numbers that the text can mean; `phone` is the likeliest.
    """

    phone: str | None = None
    email: str | None = None
    other_phones: tuple[str, ...] = ()

    @property
    def phones(self) -> tuple[str, ...]:
        """All numbers that the text can mean, the likeliest first."""
        return (self.phone, *self.other_phones) if self.phone else ()

    @property
    def values(self) -> tuple[str, ...]:
        """The phone numbers or the e-mail address."""
        return self.phones or (self.email or "",)


def of_phones(phones: Sequence[str]) -> Contact:
    """The contact of a text that can mean these numbers, of which there is at least one."""
    first, *others = dict.fromkeys(phones)
    return Contact(phone=first, other_phones=tuple(others))


def read_contact(typed: str, region: str | None) -> Contact:
    """The contact that was typed. Raises BadContact.

    A number without a country code is read as one of the region, and as one that lost its plus.
    """
    if "@" in typed or "＠" in typed:
        return Contact(email=contacts.email_address(typed))
    readings = phone_readings(typed, region)
    if not readings.numbers:
        raise readings.fault or BadContact("it is not a number")
    twins = [number for number in map(twin, readings.numbers) if number]
    return of_phones([*readings.numbers, *twins])
