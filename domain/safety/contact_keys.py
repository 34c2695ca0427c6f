"""The one form of a contact by which it is looked up, compared and counted. Messages go to the spelling on record.

Capitals of a local part do not matter, though RFC 5321, 2.4 would let them; nor does the way in which Unicode composes
a letter. All else does: dots, plus-tags, ß and ss, and the Turkish ı and İ, are other letters and other mailboxes.
"""

import re
import unicodedata
from urllib.parse import unquote

_NAMED = re.compile(r"[^<>]*<([^<>]*)>")
_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
"""The full-width letters, digits and signs that an East Asian keyboard writes, and the plain ones they stand for."""


def email_key(address: str) -> str:
    """The key of an address whose domain `providers.contacts` has normalised, or of the beginning of one.

    It never lets two people's mailboxes become one: no letter outside ASCII becomes one of ASCII.
    """
    local, at, domain = address.rpartition("@")
    return f"{_plain(local)}@{domain.lower()}" if at else _plain(address)


def contact_key(contact: str) -> str:
    """The key of an e-mail address or of a phone number in E.164, which is its own key."""
    return email_key(contact) if "@" in contact else contact


def are_same(contact: str | None, other: str | None) -> bool:
    """Whether two contacts are spellings of one; where there is no contact, it is not the same as any."""
    return bool(contact and other) and contact_key(contact or "") == contact_key(other or "")


def bare_address(typed: str) -> str:
    """An address without what mail programs, keyboards and pasting put around it: `Ada <ada@example.com>`, `mailto:`.

    What an address cannot hold inside stays, to be refused.
    """
    text = _trimmed(typed.translate(_WIDE))
    if named := _NAMED.fullmatch(text):
        text = _trimmed(named[1])
    if text[:7].lower() == "mailto:":
        linked = text[7:].partition("?")[0]
        decoded = unquote(linked)
        text = _trimmed(decoded if decoded.isprintable() else linked)
    return text.rstrip(",; ").removesuffix(".")


def _plain(local: str) -> str:
    """A Σ at the end of a word becomes another small letter than elsewhere, so both count as one."""
    lower = unicodedata.normalize("NFC", local).lower().replace("ς", "σ")
    return unicodedata.normalize("NFC", lower)


def _trimmed(text: str) -> str:
    """Without blanks and invisible marks at both ends."""
    visible = [
        at for at, letter in enumerate(text) if not letter.isspace() and unicodedata.category(letter) != "Cf"
    ]
    return text[visible[0] : visible[-1] + 1] if visible else ""
