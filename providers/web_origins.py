"""Brings origins and domains into the form in which browsers and phones send them, by the URL standard's parser."""

import re
from base64 import b64decode, urlsafe_b64encode
from ipaddress import ip_address

from ada_url import URL

APP = "android:apk-key-hash:"
"""An Android app's origin begins so; the SHA-256 of its signing certificate follows, in base64url without padding."""

_PAGE = "an origin is a scheme and a host, like https://login.example.com"
_DOMAIN = "an RP id is a domain by itself, like example.com"
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)", re.ASCII)
_DIGEST_BYTES = 32


def page_origin(text: str) -> str:
    """The origin of pages as browsers send it, without a default port. Raises ValueError with the right form."""
    url = _parsed(text)
    if url is None or url.protocol not in ("http:", "https:") or not _is_host(url.hostname):
        raise ValueError(_PAGE + _hint(text))
    if url.username or url.password or url.pathname != "/" or url.search or url.hash:
        raise ValueError(f"{_PAGE}; write {url.origin}")
    return url.origin


def app_origin(text: str) -> str:
    """The origin of an Android app as phones send it. Raises ValueError."""
    return APP + _base64url(text.strip().removeprefix(APP))


def fingerprint(text: str) -> str:
    """The SHA-256 of a certificate as keytool writes it, `AB:CD:…`. Raises ValueError."""
    return _digest(text).hex(":").upper()


def domain(text: str) -> str:
    """A domain as browsers send it: lower case, and IDNA. Raises ValueError, which names the right form."""
    url = _parsed(f"https://{text.strip()}") if "/" not in text and "@" not in text else None
    if url is None or url.port or not _is_host(url.hostname) or ":" in text:
        raise ValueError(_DOMAIN + _domain_hint(text))
    if is_address(url.hostname):
        raise ValueError(f"{_DOMAIN}; passkeys do not work with the address {text.strip()}")
    return url.hostname


def is_address(host: str) -> bool:
    """Whether a host is an IP address, to which no passkey can belong."""
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def _parsed(text: str) -> URL | None:
    try:
        return URL(text)
    except ValueError:
        return None


def _is_host(host: str) -> bool:
    """Whether this is an address, or a name that a certificate can have: no wildcard, no dot at the end."""
    return is_address(host) or all(map(_LABEL.fullmatch, host.split(".")))


def _hint(text: str) -> str:
    """The form that was probably meant, if there is one."""
    bare = text.strip(" \t\r\n\"'")
    for attempt in (bare,) if "://" in bare else (bare, f"https://{bare}"):
        url = _parsed(attempt)
        if url and url.protocol in ("http:", "https:") and _is_host(url.hostname.rstrip(".")):
            host = url.hostname.rstrip(".")
            return f"; write {url.protocol}//{host}{':' if url.port else ''}{url.port}"
    return ""


def _domain_hint(text: str) -> str:
    url = _parsed(_hint(text).removeprefix("; write "))
    return f"; write {url.hostname}" if url and not is_address(url.hostname) else ""


def _base64url(text: str) -> str:
    return urlsafe_b64encode(_digest(text)).rstrip(b"=").decode()


def _digest(text: str) -> bytes:
    """Read a SHA-256 in hexadecimal, with colons or without, or in base64 of either alphabet."""
    bare = text.strip()
    try:
        plain = bare.replace(":", "")
        if len(plain) == 2 * _DIGEST_BYTES:
            return bytes.fromhex(plain)
        digest = b64decode(bare.rstrip("=").translate(str.maketrans("-_", "+/")) + "=", validate=True)
    except ValueError:
        digest = b""
    if len(digest) != _DIGEST_BYTES:
        raise ValueError(
            "an app's certificate is told by its SHA-256, like AB:CD:… of 32 bytes, as `keytool -list -v` shows it"
        )
    return digest
