"""The steps that passkey ceremonies of people and of staff share. Their challenges, keys and sessions are apart."""

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from domain.errors import CeremonyRejected
from providers.passkeys import CredentialClaim, KnownCredential
from services.container import Services
from store import Session

Taken = TypeVar("Taken")


class BoundPasskey(Protocol):
    """A passkey on record, of a person or of a member of staff."""

    credential_id: str
    transports: list[str]


def known_credentials(bound: Sequence[BoundPasskey]) -> list[KnownCredential]:
    """Passkeys on record, as browsers want them described."""
    return [
        KnownCredential(credential_id=passkey.credential_id, transports=tuple(passkey.transports))
        for passkey in bound
    ]


def take_challenge(
    services: Services, session_id: str | None, take: Callable[[Session, str], Taken]
) -> Taken:
    """Use up a challenge of a browser's session, even if the browser's answer turns out to be wrong.

    Raises CeremonyRejected. `take` deletes the challenge, or raises when it is unknown or too old.
    """
    if session_id is None:
        raise CeremonyRejected("challenge_unknown")
    rejected: CeremonyRejected | None = None
    with services.database.transaction() as session:
        try:
            return take(session, session_id)
        except CeremonyRejected as error:
            rejected = error  # raised after the commit, so that the challenge stays deleted
    raise rejected


def require_owner(claim: CredentialClaim, *, owner: str, handle: str, only: str | None) -> None:
    """Raise CeremonyRejected if an answer is not by the passkey's owner, or if `only` is given and is not the owner.

    `owner` and `only` are ids; `handle` is the owner's id as browsers keep it. At sign-in the server names no account,
    so the answer must name it (WebAuthn Level 3, 7.2 step 6).
    """
    if only and owner != only:
        raise CeremonyRejected("other_account")
    if claim.account_id != handle and not (only and claim.account_id is None):
        raise CeremonyRejected("user_handle_mismatch")
