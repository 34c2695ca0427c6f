"""Recognises browsers that run on the same machine as Offramp."""

import ipaddress
from urllib.parse import urlsplit

from fastapi import Request

from services.site import Site


def is_on_loopback(request: Request, site: Site) -> bool:
    """Whether the browser runs on this machine and was not lured here under another name (DNS rebinding)."""
    is_direct = "x-forwarded-for" not in request.headers and "forwarded" not in request.headers
    peer = request.client.host if request.client else ""
    is_near = _is_loopback(peer) or peer in site.local_peers
    names = {"localhost", "127.0.0.1", "::1", *(urlsplit(origin).hostname for origin in site.origins)}
    return is_direct and is_near and request.url.hostname in names


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
