"""One-time codes, recovery codes, links and sessions: how they are made, kept and compared."""

import hashlib
import hmac
import secrets
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

_RECOVERY_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
_RECOVERY_LENGTH = 16


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


def new_short_code() -> str:
    """Eight letters and digits (39 bits), to be typed from a text message; it can do no more than object."""
    return "".join(secrets.choice(_RECOVERY_ALPHABET) for _ in range(8))


def plain_recovery_code(typed: str) -> str:
    """What a person typed, without the dashes, blanks and capitals that do not matter."""
    return "".join(letter for letter in typed.lower() if letter in _RECOVERY_ALPHABET)


def plain_code(typed: str) -> str:
    """The digits of what a person typed or pasted."""
    return "".join(digit for digit in typed if digit in "0123456789")


def digest(secret: str) -> str:
    """The SHA-256 of a 256-bit token, as hex: it recognises the token, and cannot be used in its place."""
    return hashlib.sha256(secret.encode()).hexdigest()


def keyed_digest(pepper: bytes, *, context: str, code: str) -> str:
    """The HMAC-SHA-256 of a short code, as hex: without the pepper, a stolen table does not give codes away."""
    return hmac.new(pepper, f"{context}\0{code}".encode(), hashlib.sha256).hexdigest()


def same(left: str, right: str) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(left, right)
