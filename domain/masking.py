"""Contacts that show only what their reader needs.

A mask is for staff: it is enough to recognise a contact that somebody tells them. A hint is for the owner, who knows
the contact. A log and Temporal get no contact at all.
"""

import re

_DOTS = "•••"
_LEAST_HIDDEN = 4
_COUNTRY = 3
_END = 3

_NO_PART = r"\s\"'<>()\[\]{},;:=@/\\"
_CONTACT = re.compile(rf"[^{_NO_PART}]+(?:@|%40)[^{_NO_PART}]+|(?:\+|%2[Bb])\d{{7,15}}")

_MASKED = re.compile(rf"\w?{_DOTS}@\w?{_DOTS}(?:\.[\w-]+)?\.?")


def masked_phone(phone: str | None) -> str | None:
    """The beginning and the last three digits of a number in E.164: `+49•••••678`.

    A number too short for that keeps its last digits alone, at most three, and four are hidden.
    """
    if phone is None:
        return None
    if len(phone) < _COUNTRY + _LEAST_HIDDEN + _END:
        end = phone[1:][_LEAST_HIDDEN:][-_END:]
        return f"{_DOTS}••{end}" if end else _DOTS
    return f"{phone[:_COUNTRY]}{_DOTS}••{phone[-_END:]}"


def masked_email(email: str | None) -> str | None:
    """First letters and the top-level domain: `a•••@e•••.org`; it does not say how many letters are hidden, if any."""
    if email is None:
        return None
    local, _, domain = email.rpartition("@")
    name, dot, top = domain.rpartition(".")
    end = f"{name[:1]}{_DOTS}.{top}" if dot else f"{domain[:1]}{_DOTS}"
    return f"{local[:1]}{_DOTS}@{end}"


def phone_hint(phone: str | None) -> str:
    """The last three digits: enough for the owner to know the number, and for nobody to dial it."""
    return f"•••• {phone[-3:]}" if phone else ""


def email_hint(email: str | None) -> str:
    """The first letter and the domain: enough for the owner to know the address."""
    if not email:
        return ""
    name, _, domain = email.rpartition("@")
    return f"{name[:1]}•••@{domain}"


def account_hint(*, email: str | None, phone: str | None) -> str:
    """What tells an account's owner which account it is."""
    return email_hint(email) or phone_hint(phone)


def without_contacts(text: str) -> str:
    """A text, such as another library's error, without the addresses and the numbers in E.164 that it repeats.

    What is masked already stays as it is.
    """
    return _CONTACT.sub(lambda contact: contact[0] if _MASKED.fullmatch(contact[0]) else _DOTS, text)
