"""One-time codes, recovery codes, links and sessions: how they are made, kept and compared."""

import hashlib
import hmac
import re
import secrets
import unicodedata
from collections.abc import Iterable
from datetime import timedelta

TRIES = 5
"""Wrong guesses that one six-digit code survives."""

LINK_LIFETIME = timedelta(hours=24)
"""How long the link in an e-mail verifies the address."""

DEVICE_LINK_LIFETIME = timedelta(minutes=10)
"""How long the link behind the QR code opens the way in on another device."""

DEVICE_SESSION_LIFETIME = timedelta(minutes=30)
"""How long a device that came in by a link has for making its passkey and trying it."""

CHALLENGE_LIFETIME = timedelta(minutes=5)
"""How long a passkey ceremony may take (WebAuthn Level 3, 15.1 recommends 5 minutes with user verification)."""

MOST_CHALLENGES = 5
"""How many passkey ceremonies of one kind may be under way in one browser: as many as people have tabs open for it."""

SESSION_LIFETIME = timedelta(hours=12)
"""How long a signed-in session lasts at the longest."""

RECOVERY_CODES = 8
"""How many recovery codes a person is given at once."""

ENDING = 4
"""How many letters of one recovery code are typed back. The twelve before them are never asked for: 59 bits stay."""

_RECOVERY_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
_RECOVERY_LENGTH = 16
_NUMBER_IN_LIST = re.compile(r"^\s*\d{1,2}[.)]")
_DIGITS = "0123456789"

_LOOK_ALIKES = str.maketrans("авекмнрстухѕјαβεζκτχ", "abekmhpctyxsjabezktx")
"""Cyrillic and Greek letters that look like one letter of the alphabet: their writers type what they see.

Nothing stands for 0, 1, i, l or o, because no code holds what these look like.
"""


def new_code() -> str:
    """Six random digits."""
    return f"{secrets.randbelow(10**6):06d}"


def new_token() -> str:
    """256 random bits, for sessions and links, safe in a URL."""
    return secrets.token_urlsafe(32)


def new_recovery_code() -> str:
    """Sixteen letters and digits that cannot be mistaken for each other.

    They carry 79 bits; saved recovery codes carry 64 or more (NIST SP 800-63B-4, 3.1.2).
    """
    letters = "".join(secrets.choice(_RECOVERY_ALPHABET) for _ in range(_RECOVERY_LENGTH))
    return "-".join(letters[at : at + 4] for at in range(0, _RECOVERY_LENGTH, 4))


def new_number_in_set(codes: int) -> int:
    """Which code of a set of so many is asked for, by its number in the list: the server chooses, so all are kept."""
    return 1 + secrets.randbelow(codes)


def new_short_code() -> str:
    """Eight letters and digits (39 bits), to be typed from a text message; it can do no more than object."""
    return "".join(secrets.choice(_RECOVERY_ALPHABET) for _ in range(8))


def plain_recovery_code(typed: str) -> str:
    """What a person typed, without the dashes, blanks and capitals that do not matter, and a number before it."""
    return _plain(_NUMBER_IN_LIST.sub("", typed), _RECOVERY_ALPHABET)


def is_ending(typed: str) -> bool:
    """Whether so much was typed as the ending of a recovery code has."""
    return len(plain_recovery_code(typed)) == ENDING


def plain_code(typed: str) -> str:
    """The digits of what a person typed or pasted."""
    return _plain(typed, _DIGITS)


def _plain(typed: str, alphabet: str) -> str:
    """What was typed in the letters of an alphabet: full-width letters and any script's digits mean the same."""
    letters = unicodedata.normalize("NFKC", typed).casefold().translate(_LOOK_ALIKES)
    return "".join(letter for letter in map(_with_plain_digits, letters) if letter in alphabet)


def _with_plain_digits(letter: str) -> str:
    digit = unicodedata.decimal(letter, None)
    return letter if digit is None else str(digit)


def digest(secret: str) -> str:
    """The SHA-256 of a 256-bit token, as hex: it recognises the token, and cannot be used in its place."""
    return hashlib.sha256(secret.encode()).hexdigest()


def keyed_digest(pepper: bytes, *, context: str, code: str) -> str:
    """The HMAC-SHA-256 of a short code, as hex: without the pepper, a stolen table does not give codes away."""
    return hmac.new(pepper, f"{context}\0{code}".encode(), hashlib.sha256).hexdigest()


def same(left: str, right: str) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(left, right)


def is_any(kept: str, candidates: Iterable[str]) -> bool:
    """Whether a digest is one of several; it takes as long whichever it is."""
    return True in [same(kept, candidate) for candidate in candidates]
