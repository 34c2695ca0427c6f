"""What a person can sign in with, and on which thing each of it lives, so that one can ask what a loss would take."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.facts import Channel
from domain.inventory import OtherMethod
from domain.recovery import Proof

COMPUTERS = ("windows", "mac", "chrome", "linux")
"""How the name of a kind of computer begins, in small letters: as `providers.platforms` calls them, and as hosts do."""

SECURITY_KEY_TRANSPORTS = frozenset({"usb", "nfc", "ble", "smart-card"})
"""How a browser reaches a key of its own kind, and not the device that it runs on (WebAuthn Level 3, 5.8.4)."""


class Thing(StrEnum):
    """What somebody can lose in one go. `nothing`: there is no way in that a loss could take."""

    PHONE = "phone"
    DEVICE = "device"
    CODES = "codes"
    NOTHING = "nothing"


@dataclass(frozen=True, kw_only=True)
class OwnPasskey:
    """One passkey that signs in. `is_established`: it may change other routes, and no dispute has lowered it."""

    passkey_id: str
    name: str
    is_synced: bool
    is_on_phone: bool
    is_established: bool
    bound_at: datetime
    last_used_at: datetime | None = None

    @property
    def is_proven(self) -> bool:
        """Whether it has signed in."""
        return self.last_used_at is not None


@dataclass(frozen=True, kw_only=True)
class Possessions:
    """Everything that one account can be opened with, and the contacts at which its owner is told things.

    `codes_left` counts working codes of which one ending was typed back; `has_had_codes`: there was ever such a set.
    `has_app`: an authenticator app shows codes that sign in.
    `texts_sign_in`: text-message codes are on, and reach the owner alone. `email_fails`: nothing arrives there.
    `other_methods` is what the host says of its own login; `can_be_rescued`: support may let the person back in.
    `proofs` is what the person could show to get back in, and `link_channels` where the way in could be sent.
    """

    passkeys: tuple[OwnPasskey, ...] = ()
    codes_left: int = 0
    codes_are_established: bool = False
    has_had_codes: bool = False
    has_app: bool = False
    app_is_established: bool = False
    texts_sign_in: bool = False
    has_email: bool = False
    email_fails: bool = False
    other_methods: frozenset[OtherMethod] = frozenset()
    can_be_rescued: bool = False
    proofs: tuple[Proof, ...] = ()
    link_channels: frozenset[Channel] = frozenset()

    @property
    def proven_passkeys(self) -> tuple[OwnPasskey, ...]:
        """The passkeys that have signed in."""
        return tuple(passkey for passkey in self.passkeys if passkey.is_proven)


def lives_on_phone(platform: str, transports: Collection[str]) -> bool:
    """Whether a passkey that is not synced is lost with the phone, as far as anybody knows.

    A phone that is used beside a computer is reached by `hybrid`. What is neither on a security key nor known to be on
    a computer counts as on the phone: of a passkey that lives with the host, often nothing is told.
    """
    if "hybrid" in transports:
        return True
    is_elsewhere = platform.lower().startswith(COMPUTERS) or SECURITY_KEY_TRANSPORTS.intersection(transports)
    return not is_elsewhere
