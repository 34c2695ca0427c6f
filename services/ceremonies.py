"""What passkey ceremonies of people and of staff have in common; their challenges, keys and sessions are apart."""

from collections.abc import Callable, Sequence
from typing import Protocol

from domain.errors import CeremonyRejected
from providers.passkeys import CredentialClaim, KnownCredential
from services.container import Services
from store import Session


class BoundPasskey(Protocol):
    """A passkey on record, whoever's it is."""

    credential_id: str
    transports: list[str]


def known_credentials(bound: Sequence[BoundPasskey]) -> list[KnownCredential]:
    """Passkeys on record, as browsers want them described."""
    return [
        KnownCredential(credential_id=passkey.credential_id, transports=tuple(passkey.transports))
        for passkey in bound
    ]


def take_challenge(
    services: Services, session_id: str | None, take: Callable[[Session, str], bytes]
) -> bytes:
    """The challenge of a browser's session, used up even if its answer turns out to be wrong.

    Raises CeremonyRejected. `take` deletes the challenge and returns it, or raises when it is unknown or too old.
    """
    if session_id is None:
        raise CeremonyRejected("challenge_unknown")
    rejected: CeremonyRejected | None = None
    with services.database.transaction() as session:
        try:
            return take(session, session_id)
        except CeremonyRejected as error:
            rejected = error  # raised only after the transaction, which keeps the challenge deleted
    raise rejected


def require_owner(claim: CredentialClaim, *, owner: str, handle: str, only: str | None) -> None:
    """Raise CeremonyRejected unless an answer is by the passkey's owner, and by `only` if that is given.

    `handle` is the owner as browsers keep it. At the door nobody was named, so the answer must name its account itself
    (WebAuthn Level 3, 7.2 step 6).
    """
    if only and owner != only:
        raise CeremonyRejected("other_account")
    if claim.account_id != handle and not (only and claim.account_id is None):
        raise CeremonyRejected("user_handle_mismatch")
