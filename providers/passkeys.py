"""Passkey ceremonies by py_webauthn: what a browser is asked for, and whether its answer holds.

Passkeys are discoverable, and the person is always verified: the passkey alone is the whole sign-in.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import (
    base64url_to_bytes,
    bytes_to_base64url,
    parse_authentication_credential_json,
    parse_client_data_json,
    parse_registration_credential_json,
)
from webauthn.helpers.exceptions import InvalidBackupFlags, WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    CredentialDeviceType,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from domain.codes import CHALLENGE_LIFETIME
from domain.errors import CeremonyRejected
from domain.passkeys import Assertion, NewPasskey, Suspicion

Parsed = TypeVar("Parsed")

STAFF_HANDLE = "staff:"
"""The user handles of staff begin with this, so that the sign-in page of persons can tell a passkey of staff."""

_TIMEOUT_MS = int(CHALLENGE_LIFETIME.total_seconds() * 1000)
_LONGEST_CREDENTIAL_ID = 1023
_LONGEST_USER_HANDLE = 64


@dataclass(frozen=True, kw_only=True)
class KnownCredential:
    """A credential that is on record, as browsers want it described."""

    credential_id: str
    transports: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Options:
    """What the browser is asked for: the options as JSON, and the challenge in them."""

    challenge: bytes
    json: str


@dataclass(frozen=True, kw_only=True)
class CredentialClaim:
    """What an unverified answer says about itself. It finds a public key, and is trusted for nothing else."""

    credential_id: str
    account_id: str | None


@dataclass(frozen=True, kw_only=True)
class Signals:
    """What a device may be told of an account's passkeys here (WebAuthn Level 3, 5.1.10): ids, and perhaps a name.

    A device may delete what is not in `accepted` for good, but only passkeys with this very user id.
    """

    rp_id: str
    user_id: str
    name: str | None
    accepted: tuple[str, ...]


class PasskeyVerifier:
    """Makes and checks ceremonies for one relying party, whose pages and apps have these origins."""

    def __init__(self, *, rp_id: str, rp_name: str, origins: Sequence[str]) -> None:
        self._rp_id = rp_id
        self._rp_name = rp_name
        self._origins = list(origins)

    def registration_options(
        self, *, account_id: str, label: str, exclude: Sequence[KnownCredential]
    ) -> Options:
        """Ask for a new passkey, on an authenticator that holds no passkey of the account yet.

        `label` is what the person's passkey list shows. The user handle is the account id, never a contact.
        """
        options = generate_registration_options(
            rp_id=self._rp_id,
            rp_name=self._rp_name,
            user_id=account_id.encode(),
            user_name=label,
            user_display_name=label,
            timeout=_TIMEOUT_MS,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED,
                require_resident_key=True,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=[_descriptor(credential) for credential in exclude],
        )
        return Options(challenge=options.challenge, json=options_to_json(options))

    def authentication_options(self, *, allow: Sequence[KnownCredential] = ()) -> Options:
        """Ask for a signature: by any discoverable passkey of this site, or by one in `allow`."""
        options = generate_authentication_options(
            rp_id=self._rp_id,
            timeout=_TIMEOUT_MS,
            allow_credentials=[_descriptor(credential) for credential in allow],
            user_verification=UserVerificationRequirement.REQUIRED,
        )
        return Options(challenge=options.challenge, json=options_to_json(options))

    def signals(self, *, account_id: str, label: str | None, accepted: Sequence[str]) -> Signals:
        """What devices may be told of an account; `label` is the one with which its passkeys were asked for."""
        return Signals(
            rp_id=self._rp_id,
            user_id=bytes_to_base64url(account_id.encode()),
            name=label,
            accepted=tuple(accepted),
        )

    def answered_challenge(self, credential: str) -> bytes:
        """The challenge that an unverified answer (JSON) says it answers. Raises CeremonyRejected.

        It finds the challenge on record, and is trusted for nothing else.
        """
        client_data = _translated(lambda: json.loads(credential)["response"]["clientDataJSON"])
        return _translated(lambda: parse_client_data_json(base64url_to_bytes(client_data)).challenge)

    def verify_registration(self, *, credential: str, expected_challenge: bytes) -> NewPasskey:
        """The passkey in a browser's answer (JSON). Raises CeremonyRejected."""
        parsed = _translated(lambda: parse_registration_credential_json(credential))
        self._require_own_page(parsed.response.client_data_json)
        verified = _translated(
            lambda: verify_registration_response(
                credential=parsed,
                expected_challenge=expected_challenge,
                expected_rp_id=self._rp_id,
                expected_origin=self._origins,
                require_user_verification=True,
            )
        )
        if len(verified.credential_id) > _LONGEST_CREDENTIAL_ID:
            raise CeremonyRejected("credential_id_too_long")  # WebAuthn Level 3, 7.1 step 25
        return NewPasskey(
            credential_id=bytes_to_base64url(verified.credential_id),
            public_key=verified.credential_public_key,
            sign_count=verified.sign_count,
            aaguid=verified.aaguid,
            transports=tuple(transport.value for transport in parsed.response.transports or ()),
            backup_eligible=verified.credential_device_type is CredentialDeviceType.MULTI_DEVICE,
            backed_up=verified.credential_backed_up,
        )

    def claim(self, credential: str) -> CredentialClaim:
        """Which credential and account an answer claims to be of. Raises CeremonyRejected."""
        parsed = _translated(lambda: parse_authentication_credential_json(credential))
        return CredentialClaim(
            credential_id=bytes_to_base64url(parsed.raw_id),
            account_id=_account_id(parsed.response.user_handle),
        )

    def verify_authentication(
        self, *, credential: str, expected_challenge: bytes, public_key: bytes
    ) -> Assertion:
        """The sign-in in a browser's answer (JSON). Raises CeremonyRejected.

        The sign counter is returned, and not judged: `domain.passkeys.suspicion` judges it.
        """
        parsed = _translated(lambda: parse_authentication_credential_json(credential))
        self._require_own_page(parsed.response.client_data_json)
        verified = _translated(
            lambda: verify_authentication_response(
                credential=parsed,
                expected_challenge=expected_challenge,
                expected_rp_id=self._rp_id,
                expected_origin=self._origins,
                credential_public_key=public_key,
                credential_current_sign_count=0,
                require_user_verification=True,
            )
        )
        return Assertion(
            credential_id=bytes_to_base64url(verified.credential_id),
            sign_count=verified.new_sign_count,
            backup_eligible=verified.credential_device_type is CredentialDeviceType.MULTI_DEVICE,
            backed_up=verified.credential_backed_up,
        )

    def _require_own_page(self, client_data_json: bytes) -> None:
        """Refuse an answer from inside a frame of another site (WebAuthn Level 3, 7.1 steps 10-11, 7.2 steps 13-14).

        These pages refuse to be framed, so no honest browser reports a frame; py_webauthn does not look.
        """
        client_data: dict[str, Any] = _translated(lambda: dict(json.loads(client_data_json)))
        if client_data.get("crossOrigin", False) is not False:
            raise CeremonyRejected("cross_origin")
        if "topOrigin" in client_data and client_data["topOrigin"] not in self._origins:
            raise CeremonyRejected("foreign_top_origin")


def _descriptor(credential: KnownCredential) -> PublicKeyCredentialDescriptor:
    transports = {transport.value for transport in AuthenticatorTransport}
    return PublicKeyCredentialDescriptor(
        id=base64url_to_bytes(credential.credential_id),
        transports=[AuthenticatorTransport(name) for name in credential.transports if name in transports],
    )


def _account_id(user_handle: bytes | None) -> str | None:
    if not user_handle:
        return None  # Safari sends an empty one where a security key sends none
    if len(user_handle) > _LONGEST_USER_HANDLE:
        raise CeremonyRejected("user_handle_too_long")
    return user_handle.decode(errors="replace")


def _translated(step: Callable[[], Parsed]) -> Parsed:
    """Run a step of the library on what a stranger sent: an error there rejects the ceremony."""
    try:
        return step()
    except InvalidBackupFlags as error:
        # The library looks at these flags after the signature, so the holder of the passkey has sent them.
        raise CeremonyRejected(Suspicion.BACKUP_STATE_IMPOSSIBLE) from error
    except WebAuthnException as error:
        raise CeremonyRejected(_reason(error)) from error
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        raise CeremonyRejected("malformed") from error


def _reason(error: WebAuthnException) -> str:
    """The library's words up to the first quotation mark or colon, after which they quote what the stranger sent."""
    return str(error).split('"')[0].split(":")[0].strip()[:120] or type(error).__name__
