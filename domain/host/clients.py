"""The host's pages as clients of OpenID Connect: how each proves that it is itself, and where people go back to."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from domain.errors import Refused

SECRET_OVERLAP = timedelta(days=7)
"""How long a secret goes on working after it was rotated, unless another time was asked for."""

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_URI = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&()*+,;=%]+")
"""What a URI may be made of (RFC 3986), without the quote that could end an attribute of a page."""


class ClientProof(StrEnum):
    """How a client proves at the token endpoint that it is itself."""

    SECRET = "secret"  # noqa: S105
    """`client_secret_basic` or `client_secret_post`."""
    KEYS = "keys"
    """`private_key_jwt` (RFC 7523), by a key of those that it has registered."""
    NOTHING = "nothing"
    """A public client, such as an app: the verifier of PKCE is all that it has."""


class UnusableClient(Refused):
    """What was asked of a client cannot be: the message says what to ask instead."""


def checked_redirect_uris(uris: Iterable[str]) -> tuple[str, ...]:
    """The addresses to which people go back, each once. Raises UnusableClient without any, and for an unsafe one."""
    given = tuple(dict.fromkeys(uri.strip() for uri in uris if uri.strip()))
    if not given:
        raise UnusableClient("a client needs an address to which people go back")
    for uri in given:
        _check_redirect_uri(uri)
    return given


def is_secret_current(*, until: datetime | None, now: datetime) -> bool:
    """Whether a former secret still works."""
    return until is not None and now < until


def home_of(redirect_uri: str) -> str:
    """The first page of the site that a redirect URI belongs to; of an app, the URI itself."""
    parts = urlsplit(redirect_uri)
    return f"{parts.scheme}://{parts.netloc}/" if parts.scheme in ("http", "https") else redirect_uri


def _check_redirect_uri(uri: str) -> None:
    if not _URI.fullmatch(uri) or "#" in uri:
        raise UnusableClient(f"{uri} cannot be a redirect URI: it has a fragment, or letters that no URI has")
    try:
        parts = urlsplit(uri)
        host, _port = parts.hostname, parts.port
    except ValueError:
        raise UnusableClient(f"{uri} is no URI") from None
    if "@" in parts.netloc:
        raise UnusableClient(f"{uri} names a user")
    if parts.scheme == "https" and host:
        return
    if parts.scheme == "http" and host in _LOOPBACK:
        return
    if "." in parts.scheme:  # an app's own scheme is a domain name in reverse (RFC 8252, 7.1)
        return
    raise UnusableClient(
        f"{uri} has to begin with https://, with http:// on this machine, or with an app's scheme like com.example.app:"
    )
