"""What Offramp knows of a passkey, and what its sign counter gives away."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
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


def is_on_phone(transports: Collection[str]) -> bool:
    """Whether a passkey that is not on this device is on a phone, and not on a security key.

    Its transports tell how a browser reached it.
    """
    return "hybrid" in transports or "internal" in transports


class Suspicion(StrEnum):
    """Why a passkey that signs in may be a copy, or its authenticator may lie (WebAuthn Level 3, 6.1.1 and 6.1.3)."""

    SIGN_COUNT_WENT_BACK = "sign_count_went_back"
    BACKUP_ELIGIBILITY_LOST = "backup_eligibility_lost"
    BACKUP_STATE_IMPOSSIBLE = "backup_state_impossible"


def suspicion(*, kept_count: int, kept_eligible: bool, assertion: Assertion) -> Suspicion | None:
    """What is wrong about a sign-in, compared with what is on record of the passkey.

    Backup eligibility must not change. Where it was gained, nothing is suspected: makers of authenticators have
    corrected what their older passkeys say, and who copies a passkey chooses the flags. A state that says "backed up,
    and not allowed to be" fails already when the answer is verified.
    """
    if may_be_cloned(kept_count=kept_count, received_count=assertion.sign_count):
        return Suspicion.SIGN_COUNT_WENT_BACK
    if kept_eligible and not assertion.backup_eligible:
        return Suspicion.BACKUP_ELIGIBILITY_LOST
    return None


def is_overtaken(
    *, kept_count: int, assertion: Assertion, asked_at: datetime, last_used_at: datetime | None
) -> bool:
    """Whether an answer came late, after a newer one of the same passkey: its counter then tells nothing.

    A slow network keeps answers back, and another tab or browser is faster. Such an answer opens nothing, and the next
    one is judged anew: so a copy gains nothing by being late.
    """
    is_late = last_used_at is not None and asked_at < last_used_at
    return is_late and may_be_cloned(kept_count=kept_count, received_count=assertion.sign_count)


def may_be_cloned(*, kept_count: int, received_count: int) -> bool:
    """Whether a sign counter went backwards or stood still (WebAuthn Level 3, 7.2 step 22).

    Synced passkeys always say zero; that is no sign of anything.
    """
    return (kept_count > 0 or received_count > 0) and received_count <= kept_count
