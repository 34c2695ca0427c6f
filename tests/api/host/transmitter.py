"""A transmitter of security events, for tests: it signs whatever a test wants it to say."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from httpx2 import Response
from joserfc import jwt
from joserfc.jwk import ECKey

from domain.host.security_events import Transmission
from domain.staff.staff import Author
from services.host import transmitters
from tests.api.world import World

ISSUER = "https://id.example.com"
AUDIENCE = "https://accounts.example.test"
CAEP = "https://schemas.openid.net/secevent/caep/event-type"
RISC = "https://schemas.openid.net/secevent/risc/event-type"


def make_key(key_id: str = "a") -> ECKey:
    """A new key for ES256."""
    return ECKey.generate_key("P-256", {"kid": key_id})


@dataclass
class SomeTransmitter:
    """A transmitter that is registered; `key` is what it signs by."""

    world: World
    key: ECKey = field(default_factory=make_key)
    tokens: int = 0

    def __post_init__(self) -> None:
        self.register(self.key)

    def register(self, *keys: ECKey) -> None:
        """Register it by its public keys."""
        public = {"keys": [key.as_dict(private=False) for key in keys]}
        self._add(transmitters.checked(issuer=ISSUER, audience=AUDIENCE, keys=public))

    def register_at(self, keys_url: str) -> None:
        """Register it by where its keys lie; on this machine they may lie at an http address."""
        self._add(Transmission(issuer=ISSUER, audience=AUDIENCE, keys=None, keys_url=keys_url))

    def _add(self, transmission: Transmission) -> None:
        with self.world.database.transaction() as session:
            transmitters.add(session, Author(by="root"), transmission, at=self.world.clock())

    def sign(
        self,
        type_: str,
        subject: dict[str, Any],
        *,
        header: dict[str, Any] | None = None,
        at: datetime | None = None,
        claims: dict[str, Any] | None = None,
        new_value: str | None = None,
        **detail: Any,
    ) -> str:
        """A token of one event; `header` and `claims` change what it says."""
        self.tokens += 1
        if new_value is not None:
            detail["new-value"] = new_value
        said: dict[str, Any] = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "jti": f"token-{self.tokens}",
            "iat": int((at or self.world.clock()).timestamp()),
            "sub_id": subject,
            "events": {type_: detail},
        } | (claims or {})
        wanted = {name: value for name, value in said.items() if value is not None}
        given = {"alg": "ES256", "typ": "secevent+jwt", "kid": self.key.kid} | (header or {})
        return jwt.encode(given, wanted, self.key, algorithms=["ES256"])

    def push(self, token: str, media_type: str = "application/secevent+jwt") -> Response:
        """Push a token, from a machine that is no browser of this site."""
        client = self.world.browser().client
        headers = {"content-type": media_type, "origin": "https://id.example.com"}
        return client.post("/v1/security-events", content=token, headers=headers)
