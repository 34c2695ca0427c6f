"""Codes of authenticator apps by pyotp: RFC 6238 with six digits, 30 seconds and SHA-1, which every app knows."""

from collections.abc import Sequence

import pyotp

from domain.authenticator_apps import SECRET_BYTES
from domain.codes import same

_SECRET_LETTERS = SECRET_BYTES * 8 // 5


def new_secret() -> str:
    """160 random bits, in base 32 without padding."""
    return pyotp.random_base32(length=_SECRET_LETTERS)


def code_at(secret: str, step: int) -> str:
    """The six digits that an app with this secret shows in a time step."""
    return pyotp.TOTP(secret).generate_otp(step)


def matching_step(secret: str, typed: str, steps: Sequence[int]) -> int | None:
    """The first of several time steps whose code was typed; None if it is the code of none. All are compared."""
    matches = [step for step in steps if same(code_at(secret, step), typed)]
    return matches[0] if matches else None


def link(secret: str, *, service: str, name: str) -> str:
    """The `otpauth:` link that a QR code holds, and that opens the app on the same phone.

    `service` and `name` are what the app shows beside the code: whose account, and which.
    """
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=service)
