"""What Offramp knows of a passkey, and what its sign counter gives away."""

from dataclasses import dataclass
from enum import StrEnum

MOST_PASSKEYS = 20
"""The most passkeys of an account, those on hold too: far more than anybody has, and few enough to look through."""


class CeremonyFailure(StrEnum):
    """The DOMExceptions of passkey ceremonies (WebAuthn Level 3, 5.1.3 and 5.1.4); everything else is `other`."""

    ABORTED = "AbortError"
    CONSTRAINT = "ConstraintError"
    INVALID_STATE = "InvalidStateError"
    NOT_ALLOWED = "NotAllowedError"
    NOT_SUPPORTED = "NotSupportedError"
    SECURITY = "SecurityError"
    TYPE = "TypeError"
    UNKNOWN = "UnknownError"
    OTHER = "other"


@dataclass(frozen=True, kw_only=True)
class NewPasskey:
    """A verified registration: everything that is kept of it."""

    credential_id: str
    public_key: bytes
    sign_count: int
    aaguid: str
    transports: tuple[str, ...]
    backup_eligible: bool
    backed_up: bool


@dataclass(frozen=True, kw_only=True)
class Assertion:
    """A verified sign-in by a passkey."""

    credential_id: str
    sign_count: int
    backup_eligible: bool
    backed_up: bool


def may_be_cloned(*, kept_count: int, received_count: int) -> bool:
    """Whether a sign counter went backwards or stood still (WebAuthn Level 3, 7.2 step 22).

    Synced passkeys always say zero; that is no sign of anything. A suspicion is recorded, not punished: a lock-out
    on a counter glitch would cost more people than it saves.
    """
    return (kept_count > 0 or received_count > 0) and received_count <= kept_count
