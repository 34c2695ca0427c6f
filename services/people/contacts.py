"""Reads what people type into one field, a phone number or an e-mail address, and masks both for pages."""

import re
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from domain.errors import BadContact
from providers import contacts

_REGION = re.compile(r"[A-Za-z]{2,3}-([A-Za-z]{2})\b")


@dataclass(frozen=True, kw_only=True)
class Contact:
    """One contact in its canonical form; exactly one of the two is there."""

    phone: str | None = None
    email: str | None = None

    @property
    def value(self) -> str:
        """Whichever it is."""
        return self.phone or self.email or ""


def read_contact(typed: str, region: str | None) -> Contact:
    """The contact that was typed; a number without a country code is taken to be of the region. Raises BadContact."""
    if "@" in typed:
        return Contact(email=contacts.email_address(typed))
    try:
        return Contact(phone=contacts.phone_number(typed))
    except BadContact:
        if region is None:
            raise
        return Contact(phone=contacts.phone_number(typed, region))


def _browser_region(request: Request) -> str | None:
    """Where the browser's languages suggest that a number without a country code is from."""
    found = _REGION.search(request.headers.get("accept-language", "")[:200])
    region = found[1].upper() if found else ""
    return region if contacts.is_region(region) else None


BrowserRegion = Annotated[str | None, Depends(_browser_region)]
"""The browser's region, as an argument of a route."""


def masked_phone(phone: str | None) -> str:
    """Enough of a phone number for its owner."""
    return f"•••• {phone[-3:]}" if phone else ""


def masked_email(email: str | None) -> str:
    """Enough of an e-mail address for its owner."""
    if not email:
        return ""
    name, _, domain = email.rpartition("@")
    return f"{name[:1]}•••@{domain}"


def masked(*, email: str | None, phone: str | None) -> str:
    """What tells an account's owner which account it is."""
    return masked_email(email) or masked_phone(phone)
