"""Signs packs of evidence, and verifies them, by Ed25519 (RFC 8032) of the cryptography package."""

from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_public_key,
)

from domain.errors import Refused


class NoEvidenceKey(Refused):
    """What was given as a public key is none of Ed25519."""


@dataclass(frozen=True, kw_only=True)
class EvidenceKeyPair:
    """A new key pair: `public` as PEM for everybody, `private` as text that has to be sealed."""

    key_id: str
    public: str
    private: str


def new_pair() -> EvidenceKeyPair:
    """Make a key pair."""
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    private = key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption()).hex()
    return EvidenceKeyPair(key_id=key_id(public), public=public, private=private)


def sign(content: bytes, private: str) -> bytes:
    """The signature of some bytes. The same bytes and key give the same one."""
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(private)).sign(content)


def is_signed(content: bytes, signature: bytes, public: str) -> bool:
    """Whether the signature is that of these bytes, by the owner of a public key. Raises NoEvidenceKey."""
    try:
        _public_key(public).verify(signature, content)
    except InvalidSignature:
        return False
    return True


def key_id(public: str) -> str:
    """The digest of a public key, by which a pack names it. Raises NoEvidenceKey."""
    return sha256(_public_key(public).public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()


def _public_key(public: str) -> Ed25519PublicKey:
    try:
        key = load_pem_public_key(public.encode())
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise NoEvidenceKey("this is no public key in PEM") from None
    if not isinstance(key, Ed25519PublicKey):
        raise NoEvidenceKey("this is a public key of another kind than Ed25519")
    return key
