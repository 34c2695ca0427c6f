"""A passkey authenticator in software: real keys, real signatures, attestation "none". It can be made to lie.

It stands in for the devices of people: in tests, and where a crowd plays people in front of a development instance.
"""

import hashlib
import json
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

USER_PRESENT, USER_VERIFIED, BACKUP_ELIGIBLE, BACKED_UP, ATTESTED = 0x01, 0x04, 0x08, 0x10, 0x40
NO_AAGUID = bytes(16)


@dataclass(kw_only=True)
class HeldKey:
    """One passkey in the authenticator."""

    credential_id: bytes
    private: ec.EllipticCurvePrivateKey
    user_handle: bytes
    sign_count: int = 0


@dataclass(kw_only=True)
class Authenticator:
    """One device. `synced`: its sign counters stay 0, as on real devices. `origin` is the page that it reports.

    `flags` are added to those that follow from the other fields. `id_length` counts the bytes of its passkeys' ids.
    `framed_by` is the page in which the page is a frame.
    """

    origin: str
    rp_id: str
    synced: bool = True
    verifies_user: bool = True
    aaguid: bytes = NO_AAGUID
    attachment: str = "platform"
    transports: tuple[str, ...] = ("internal", "hybrid")
    flags: int = 0
    id_length: int = 32
    framed_by: str | None = None
    keys: list[HeldKey] = field(default_factory=list)

    def create(self, options: dict[str, Any]) -> dict[str, Any]:
        """Answer a registration."""
        key = HeldKey(
            credential_id=os.urandom(self.id_length),
            private=ec.generate_private_key(ec.SECP256R1()),
            user_handle=from_text(options["user"]["id"]),
        )
        self.keys.append(key)
        attested = self.aaguid + len(key.credential_id).to_bytes(2) + key.credential_id + _cose(key.private)
        auth_data = self._auth_data(self._flags() | ATTESTED, key.sign_count) + attested
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": auth_data})
        client_data = self._client_data("webauthn.create", options["challenge"])
        response = {
            "clientDataJSON": to_text(client_data),
            "attestationObject": to_text(attestation),
            "transports": list(self.transports),
        }
        return self._credential(key, response)

    def get(self, options: dict[str, Any], *, key: HeldKey | None = None) -> dict[str, Any]:
        """Answer an authentication, with the newest key unless another is named."""
        key = key or self.keys[-1]
        if not self.synced:
            key.sign_count += 1
        auth_data = self._auth_data(self._flags(), key.sign_count)
        client_data = self._client_data("webauthn.get", options["challenge"])
        signed = auth_data + hashlib.sha256(client_data).digest()
        response = {
            "clientDataJSON": to_text(client_data),
            "authenticatorData": to_text(auth_data),
            "signature": to_text(key.private.sign(signed, ec.ECDSA(hashes.SHA256()))),
            "userHandle": to_text(key.user_handle),
        }
        return self._credential(key, response)

    def _credential(self, key: HeldKey, response: dict[str, Any]) -> dict[str, Any]:
        text = to_text(key.credential_id)
        return {
            "id": text,
            "rawId": text,
            "type": "public-key",
            "authenticatorAttachment": self.attachment,
            "clientExtensionResults": {},
            "response": response,
        }

    def _flags(self) -> int:
        verified = USER_VERIFIED if self.verifies_user else 0
        return USER_PRESENT | verified | (BACKUP_ELIGIBLE | BACKED_UP if self.synced else 0) | self.flags

    def _auth_data(self, flags: int, sign_count: int) -> bytes:
        return hashlib.sha256(self.rp_id.encode()).digest() + bytes([flags]) + sign_count.to_bytes(4)

    def _client_data(self, kind: str, challenge: str) -> bytes:
        client_data: dict[str, Any] = {"type": kind, "challenge": challenge, "origin": self.origin}
        client_data["crossOrigin"] = self.framed_by is not None
        if self.framed_by:
            client_data["topOrigin"] = self.framed_by
        return json.dumps(client_data).encode()


def to_text(raw: bytes) -> str:
    """Base64url without padding, as WebAuthn writes it."""
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def to_pkcs8(private: ec.EllipticCurvePrivateKey) -> bytes:
    """A private key in the form that other authenticators import."""
    return private.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def from_text(text: str) -> bytes:
    """The bytes that `to_text` wrote."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _cose(private: ec.EllipticCurvePrivateKey) -> bytes:
    numbers = private.public_key().public_numbers()
    return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)})
