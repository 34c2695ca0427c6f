"""Reads what people type into one field: a phone number or an e-mail address."""

from dataclasses import dataclass

from domain.errors import BadContact
from providers import contacts


@dataclass(frozen=True, kw_only=True)
class Contact:
    """One contact: either a phone number in E.164, or an e-mail address in the spelling that was typed."""

    phone: str | None = None
    email: str | None = None

    @property
    def value(self) -> str:
        """The phone number or the e-mail address."""
        return self.phone or self.email or ""


def read_contact(typed: str, region: str | None) -> Contact:
    """The contact that was typed. A number without a country code is read as one of the region. Raises BadContact."""
    if "@" in typed or "＠" in typed:
        return Contact(email=contacts.email_address(typed))
    try:
        return Contact(phone=contacts.phone_number(typed))
    except BadContact:
        if region is None:
            raise
        return Contact(phone=contacts.phone_number(typed, region))
