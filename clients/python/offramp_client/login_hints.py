"""The word of a host that somebody has just signed in there: a signed token that spares a second sign-in at Offramp."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from joserfc import jwt
from joserfc.jwk import ECKey

LIFETIME = timedelta(minutes=2)
"""How long a token is good for; Offramp takes five minutes at most."""


class LoginHints:
    """Makes `login_hint_token`s. The key is an elliptic-curve key (P-256) as a JWK with its private part."""

    def __init__(self, *, client_id: str, issuer: str, key: Mapping[str, Any]) -> None:
        self._client_id = client_id
        self._issuer = issuer
        self._key = ECKey.import_key(dict(key))
        self._key.ensure_kid()

    def make(
        self,
        external_id: str,
        *,
        signed_in_at: datetime,
        amr: Iterable[str] = (),
        acr: str | None = None,
        now: datetime | None = None,
    ) -> str:
        """A token for one person and one use. `amr` says how they signed in: `pwd`, `sms`, `otp` … (RFC 8176)."""
        at = now or datetime.now(UTC)
        claims: dict[str, Any] = {
            "iss": self._client_id,
            "aud": self._issuer,
            "sub": external_id,
            "iat": int(at.timestamp()),
            "exp": int((at + LIFETIME).timestamp()),
            "jti": str(uuid4()),
            "auth_time": int(signed_in_at.timestamp()),
            "amr": list(amr),
        }
        if acr is not None:
            claims["acr"] = acr
        header = {"alg": "ES256", "typ": "JWT", "kid": self._key.kid}
        return jwt.encode(header, claims, self._key, algorithms=["ES256"])


def new_key() -> dict[str, Any]:
    """A new key as a JWK with its private part. Keep it where the host keeps its other secrets."""
    key = ECKey.generate_key("P-256", auto_kid=True)
    return dict(key.as_dict(private=True))


def public_keys(key: Mapping[str, Any]) -> dict[str, Any]:
    """The JWK set to register with `offramp clients create --keys`: the public part alone."""
    public = ECKey.import_key(dict(key))
    public.ensure_kid()
    return {"keys": [{**public.as_dict(private=False), "use": "sig", "alg": "ES256"}]}
