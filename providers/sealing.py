"""Encrypts secrets at rest by Fernet (AES-128-CBC with HMAC-SHA256) of the cryptography package."""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken


class FernetSeal:
    """A Seal with a key derived from Offramp's secret key."""

    def __init__(self, secret_key: str) -> None:
        derived = hashlib.blake2b(secret_key.encode(), digest_size=32, person=b"offramp-seal").digest()
        self._fernet = Fernet(base64.urlsafe_b64encode(derived))

    def close(self, secret: str) -> bytes:
        """Encrypt and authenticate a secret."""
        return self._fernet.encrypt(secret.encode())

    def open(self, sealed: bytes) -> str:
        """The secret that was sealed. Raises ValueError if it was not sealed with this key."""
        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken:
            raise ValueError("this was sealed with another key") from None
