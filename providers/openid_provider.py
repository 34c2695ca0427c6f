"""What an OpenID Provider signs and verifies (joserfc): ID tokens by its own keys, statements by its clients' keys."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey

from domain.host.clients import UnusableClient
from domain.host.vouching import StatementRejected

ALGORITHM = "RS256"
"""Every provider must be able to sign by it, so every library can verify it (OpenID Connect Core, 15.1)."""

STATEMENT_ALGORITHMS = ("RS256", "PS256", "ES256", "ES384", "Ed25519")
"""By what clients may sign. `none` is not among them, nor is any by a shared secret."""

_RSA_BITS = 2048


@dataclass(frozen=True, kw_only=True)
class NewSigningKey:
    """A key pair: `public` as a JWK for everybody, `private` as text that has to be sealed."""

    kid: str
    public: dict[str, Any]
    private: str


def new_signing_key() -> NewSigningKey:
    """Make a key pair. This takes some tenths of a second."""
    kid = uuid4().hex
    key = RSAKey.generate_key(_RSA_BITS, {"kid": kid, "use": "sig", "alg": ALGORITHM})
    return NewSigningKey(
        kid=kid, public=dict(key.as_dict(private=False)), private=json.dumps(key.as_dict(private=True))
    )


def sign(claims: Mapping[str, Any], private: str) -> str:
    """Sign claims by a private key, as `new_signing_key` gave it."""
    key = RSAKey.import_key(json.loads(private))
    return jwt.encode({"alg": ALGORITHM, "kid": key.kid}, dict(claims), key)


def public_keys(text: str) -> list[dict[str, Any]]:
    """The public halves of a client's keys, from a JWK or a JWK set (JSON). Raises UnusableClient."""
    try:
        document = json.loads(text)
    except ValueError:
        raise UnusableClient("the keys are no JSON; they are a JWK or a JWK set") from None
    keys = document.get("keys", [document]) if isinstance(document, dict) else None
    if not isinstance(keys, list) or not keys:
        raise UnusableClient("the keys are neither a JWK nor a JWK set")
    return [_public_key(key) for key in keys]


def verified_claims(token: str, keys: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The claims of a token that one of these public keys has signed. Raises StatementRejected."""
    if not keys:
        raise StatementRejected("no_keys")
    try:
        key_set = KeySet.import_key_set({"keys": [dict(key) for key in keys]})
        claims = jwt.decode(token, key_set, algorithms=list(STATEMENT_ALGORITHMS)).claims
    except (JoseError, ValueError, TypeError, KeyError):
        raise StatementRejected("bad_signature") from None
    if not isinstance(claims, dict):
        raise StatementRejected("no_claims")
    return claims


def _public_key(key: object) -> dict[str, Any]:
    if not isinstance(key, dict):
        raise UnusableClient("a key is no JWK")
    makers: dict[object, Any] = {"RSA": RSAKey, "EC": ECKey, "OKP": OKPKey}
    maker = makers.get(key.get("kty"))
    if maker is None:
        raise UnusableClient("a key has to be of the type RSA, EC or OKP")
    try:
        imported = maker.import_key(key)
    except (JoseError, ValueError, TypeError, KeyError):
        raise UnusableClient("a key cannot be read") from None
    public = dict(imported.as_dict(private=False))
    if key["kty"] == "RSA" and imported.raw_value.key_size < _RSA_BITS:
        raise UnusableClient(f"an RSA key has to have {_RSA_BITS} bits")
    return public
