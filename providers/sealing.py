"""Encrypts secrets at rest by Fernet (AES-128-CBC with HMAC-SHA256) of the cryptography package."""

import base64
import hashlib
from functools import cached_property

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class FernetSeal:
    """A Seal with keys derived from Offramp's secret keys, newest first: the newest closes, each one opens."""

    def __init__(self, newest: str, *former: str) -> None:
        self._fernets = [_fernet(secret_key) for secret_key in (newest, *former)]

    @property
    def size(self) -> int:
        """How many keys open."""
        return len(self._fernets)

    def close(self, secret: str) -> bytes:
        """Encrypt and authenticate a secret, by the newest key."""
        return self._ring.encrypt(secret.encode())

    def open(self, sealed: bytes) -> str:
        """The secret that was sealed. Raises ValueError if none of the keys has sealed it."""
        try:
            return self._ring.decrypt(sealed).decode()
        except InvalidToken:
            raise ValueError("this was sealed with another key") from None

    def close_again(self, sealed: bytes) -> bytes:
        """The same secret, closed by the newest key, as of the same moment. Raises ValueError as `open` does."""
        try:
            return self._ring.rotate(sealed)
        except InvalidToken:
            raise ValueError("this was sealed with another key") from None

    def place_of(self, sealed: bytes) -> int | None:
        """Which key has closed it: its place among the keys, the newest is 0; None if none of them has."""
        for place, fernet in enumerate(self._fernets):
            try:
                fernet.decrypt(sealed)
            except InvalidToken:
                continue
            return place
        return None

    @cached_property
    def _ring(self) -> MultiFernet:
        return MultiFernet(self._fernets)


def _fernet(secret_key: str) -> Fernet:
    derived = hashlib.blake2b(secret_key.encode(), digest_size=32, person=b"offramp-seal").digest()
    return Fernet(base64.urlsafe_b64encode(derived))
