"""Passkeys without signatures, for plays of many thousand steps: an answer is the credential's id alone."""

import itertools
from collections.abc import Sequence

from domain.passkeys import Assertion, NewPasskey
from providers.passkeys import CredentialClaim, KnownCredential, Options, PasskeyVerifier

_numbers = itertools.count(1)


class UnsignedPasskeys(PasskeyVerifier):
    """Believes every answer. `owners` says whose account the browser names with a credential."""

    def __init__(self) -> None:
        super().__init__(rp_id="", rp_name="", origins=[])
        self.owners: dict[str, str] = {}

    def registration_options(
        self, *, account_id: str, label: str, exclude: Sequence[KnownCredential]
    ) -> Options:
        return Options(challenge=b"challenge", json="{}")

    def authentication_options(self, *, allow: Sequence[KnownCredential] = ()) -> Options:
        return Options(challenge=b"challenge", json="{}")

    def answered_challenge(self, credential: str) -> bytes:
        return b"challenge"

    def verify_registration(self, *, credential: str, expected_challenge: bytes) -> NewPasskey:
        return NewPasskey(
            credential_id=credential,
            public_key=b"public key",
            sign_count=0,
            aaguid="00000000-0000-0000-0000-000000000000",
            transports=(),
            backup_eligible=False,
            backed_up=False,
        )

    def claim(self, credential: str) -> CredentialClaim:
        return CredentialClaim(credential_id=credential, account_id=self.owners[credential])

    def verify_authentication(
        self, *, credential: str, expected_challenge: bytes, public_key: bytes
    ) -> Assertion:
        return Assertion(credential_id=credential, sign_count=0, backup_eligible=False, backed_up=False)


def new_credential() -> str:
    """The id of a credential that no authenticator has had before."""
    return f"unsigned-{next(_numbers)}"
