"""What somebody at the desk may mean by the text in the one search box."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from domain.safety.contact_keys import bare_address, email_key

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


def readings(typed: str, *, address: str = "", numbers: Sequence[str] = ()) -> tuple[Reading, ...]:
    """Everything that a text may mean, the most exact first; nothing for a text without letters or digits.

    `address` is the text with its domain normalised, should it be an e-mail address; `numbers` are
    those in E.164 that accounts may have for it, should it be a phone number.
    """
    text = _cleaned(typed)
    if not any(letter.isalnum() for letter in text):
        return ()
    if account_id := _account_id(text.removeprefix(JOURNEY_PREFIX)):
        likely_readings = [Reading(ReadingKind.ACCOUNT_ID, account_id)]
    elif "@" in bare_address(text):
        likely_readings = _addresses(_cleaned(address) or text)
    elif _PHONE.fullmatch(plain := unicodedata.normalize("NFKC", text)):
        likely_readings = _numbers(plain, numbers)
    else:
        likely_readings = [Reading(ReadingKind.EMAIL_PREFIX, email_key(text))]
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
    """A whole address, or the beginning of one, by its key."""
    key = email_key(bare_address(text))
    if not key.rpartition("@")[0]:
        return []
    return [Reading(ReadingKind.EMAIL, key), Reading(ReadingKind.EMAIL_PREFIX, key)]


def _numbers(text: str, numbers: Sequence[str]) -> list[Reading]:
    digits = "".join(str(unicodedata.digit(letter)) for letter in text if letter.isdigit())
    international = text.startswith("+") or (digits.startswith("00") and len(digits) > END_DIGITS)
    # `+49 (0) 151`: the zero in brackets is dialled at home only.
    if international:
        bare = re.sub(r"\(\s*0\s*\)", "", text)
        digits = "".join(str(unicodedata.digit(letter)) for letter in bare if letter.isdigit()).lstrip("0")
    if not digits or len(digits) > _LONGEST_PHONE:
        return []
    whole = [Reading(ReadingKind.PHONE, number) for number in dict.fromkeys((*numbers, f"+{digits}"))]
    if international:
        return whole
    end = digits if len(digits) == END_DIGITS else digits.lstrip("0")
    return whole + ([Reading(ReadingKind.PHONE_END, end)] if len(end) >= END_DIGITS else [])
