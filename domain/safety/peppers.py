"""The peppers of the ring of secret keys: what is kept hangs on the newest, what is typed is compared under each."""

import hashlib
from dataclasses import dataclass, field

from domain.codes import keyed_digest


@dataclass(frozen=True, kw_only=True)
class Pepper:
    """The 32 bytes under which codes are hashed, and the public id of the secret key that they come from."""

    key_id: str
    secret: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class KeyedDigest:
    """A keyed digest (HMAC-SHA-256, as hex), and the id of the key that it hangs on."""

    key_id: str
    digest: str


@dataclass(frozen=True, kw_only=True)
class PepperRing:
    """One pepper for each secret key of the ring, newest first."""

    peppers: tuple[Pepper, ...]

    @property
    def key_id(self) -> str:
        """The id of the newest key."""
        return self.peppers[0].key_id

    def digest(self, *, context: str, code: str) -> KeyedDigest:
        """The digest to keep: under the newest pepper."""
        return self.digests(context=context, code=code)[0]

    def digests(self, *, context: str, code: str) -> tuple[KeyedDigest, ...]:
        """What a code that is typed may be kept as: one digest for each pepper, newest first."""
        return tuple(
            KeyedDigest(key_id=pepper.key_id, digest=keyed_digest(pepper.secret, context=context, code=code))
            for pepper in self.peppers
        )

    def candidates(self, *, context: str, code: str) -> tuple[str, ...]:
        """The same without the ids: each may be what is kept."""
        return tuple(keyed.digest for keyed in self.digests(context=context, code=code))


def pepper_of(secret_key: str, key_id: str) -> Pepper:
    """The pepper of a secret key, whose `key_id` is known."""
    secret = hashlib.blake2b(secret_key.encode(), digest_size=32, person=b"offramp-pepper").digest()
    return Pepper(key_id=key_id, secret=secret)
