"""Reasons that staff give: a few words for colleagues, without anybody's number or address."""

import re

from domain.errors import Refused

LONGEST = 200
"""The most letters of a reason."""

_ADDRESS = re.compile(r"\S@\S+\.\S")
_NUMBER = re.compile(r"[+(]?\d[\d\s().\-/]{5,}\d")
_DAY = re.compile(r"\b(?:19|20)\d\d-[01]\d-[0-3]\d\b|\b[0-3]?\d([./])[0-3]?\d\1(?:19|20)\d\d\b")
"""Days have as many digits as short phone numbers, and reasons often name a day."""

_LEAST_DIGITS = 7
_PLAIN_DIGITS = 10
"""The digits that make a phone number: fewer are enough if it is written like one. A ticket's number is allowed."""


class BadReason(Refused):
    """A reason that is missing, too long, or holds what must not be kept; the message says which."""


def clean_reason(text: str) -> str:
    """A reason as it is kept, on one line. Raises BadReason."""
    reason = " ".join(text.split())
    if not reason:
        raise BadReason("Say in a few words why.")
    if len(reason) > LONGEST:
        raise BadReason(f"A reason has {LONGEST} characters at most.")
    if _ADDRESS.search(reason) or _holds_phone(reason):
        raise BadReason(
            "This looks like it holds a phone number or an address, which must not be kept. Say it without."
        )
    return reason


def _holds_phone(reason: str) -> bool:
    return any(_is_phone(number) for number in _NUMBER.findall(_DAY.sub("that day", reason)))


def _is_phone(text: str) -> bool:
    digits = sum(letter.isdigit() for letter in text)
    is_written_so = text[0] in "+(0" or not text.isdigit()
    return digits >= (_LEAST_DIGITS if is_written_so else _PLAIN_DIGITS)
