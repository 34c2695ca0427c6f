"""What somebody at the desk may mean by the text in the one search box."""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

LONGEST = 320
"""How many letters of a query are read; no address is longer (RFC 5321, 4.5.3.1)."""

JOURNEY_PREFIX = "migration:"
END_DIGITS = 4
"""How many last digits of a phone number can be searched for."""

_UUID = re.compile(r"[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}")
_PHONE = re.compile(r"\+?[\d\s().\-/]+")
_LONGEST_PHONE = 15


class ReadingKind(StrEnum):
    """What a text is compared with."""

    ACCOUNT_ID = "account_id"
    EXTERNAL_ID = "external_id"
    EXTERNAL_ID_PREFIX = "external_id_prefix"
    EMAIL = "email"
    EMAIL_PREFIX = "email_prefix"
    PHONE = "phone"
    PHONE_END = "phone_end"


@dataclass(frozen=True)
class Reading:
    """One thing that a text may mean, and its value as it would be stored."""

    kind: ReadingKind
    value: str


def readings(typed: str) -> tuple[Reading, ...]:
    """Everything that a text may mean, the most exact first; nothing for a text without letters or digits."""
    text = _cleaned(typed)
    if not any(letter.isalnum() for letter in text):
        return ()
    if account_id := _account_id(text.removeprefix(JOURNEY_PREFIX)):
        likely_readings = [Reading(ReadingKind.ACCOUNT_ID, account_id)]
    elif "@" in text:
        likely_readings = _addresses(text)
    elif _PHONE.fullmatch(text):
        likely_readings = _numbers(text)
    else:
        likely_readings = [Reading(ReadingKind.EMAIL_PREFIX, text)]
    return (
        Reading(ReadingKind.EXTERNAL_ID, text),
        *likely_readings,
        Reading(ReadingKind.EXTERNAL_ID_PREFIX, text),
    )


def _cleaned(typed: str) -> str:
    """One line in normal form, without invisible letters: pasted text brings tabs and zero-width marks along."""
    spaced = "".join(" " if letter.isspace() else letter for letter in typed[:LONGEST])
    visible_text = "".join(letter for letter in spaced if letter.isprintable())
    return unicodedata.normalize("NFC", visible_text).strip()


def _account_id(text: str) -> str | None:
    lower = text.lower()
    if not _UUID.fullmatch(lower):
        return None
    bare = lower.replace("-", "")
    return "-".join((bare[:8], bare[8:12], bare[12:16], bare[16:20], bare[20:]))


def _addresses(text: str) -> list[Reading]:
    """A whole address, or the beginning of one. Domains are stored in lower case, local parts as they came."""
    local, _, domain = text.removeprefix("mailto:").strip("<> ").rpartition("@")
    if not local:
        return []
    address = f"{local}@{domain.lower()}"
    return [Reading(ReadingKind.EMAIL, address), Reading(ReadingKind.EMAIL_PREFIX, address)]


def _numbers(text: str) -> list[Reading]:
    digits = "".join(str(unicodedata.digit(letter)) for letter in text if letter.isdigit())
    international = text.startswith("+") or digits.startswith("00")
    # `+49 (0) 151`: the zero in brackets is dialled at home only.
    if international:
        bare = re.sub(r"\(\s*0\s*\)", "", text)
        digits = "".join(str(unicodedata.digit(letter)) for letter in bare if letter.isdigit()).lstrip("0")
    if not digits or len(digits) > _LONGEST_PHONE:
        return []
    whole = [Reading(ReadingKind.PHONE, f"+{digits}")]
    if international:
        return whole
    end = digits if len(digits) == END_DIGITS else digits.lstrip("0")
    return whole + ([Reading(ReadingKind.PHONE_END, end)] if len(end) >= END_DIGITS else [])
