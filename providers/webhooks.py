"""Brings events to the hosts' receivers: signed by the library of Standard Webhooks, over httpx2, to public addresses.

The receiver's name is looked up here, every address is checked, and the connection goes to an address that was checked,
so that no name can lead into the operator's own network (SSRF). Redirects are not followed, and no answer is read.
"""

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx2
from standardwebhooks import Webhook

from domain.host.webhooks import Hook, NotTaken
from providers.wire import retry_after

PATIENCE = timedelta(seconds=20)
"""How long a receiver may take to answer, from the first packet to the last line of its headers."""

_CONNECTING = timedelta(seconds=5)
_TRANSLATED = (  # networks in which an IPv4 address is part of an IPv6 address, and where it begins in it
    (ipaddress.IPv6Network("64:ff9b::/96"), 12),
    (ipaddress.IPv6Network("2002::/16"), 2),
)

_ASSIGNED = ipaddress.IPv6Network("2000::/3")  # whatever lies outside is no address of the public internet
_PROTOCOLS = ipaddress.IPv4Network("192.0.0.0/24")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
LookUp = Callable[..., Sequence[tuple[Any, ...]]]
"""Looks names up like `socket.getaddrinfo`."""


class WebhookCourier:
    """A Courier. `allows_private` is for development: addresses of one's own network, and http."""

    def __init__(
        self,
        *,
        allows_private: bool = False,
        patience: timedelta = PATIENCE,
        tls: ssl.SSLContext | None = None,
        look_up: LookUp = socket.getaddrinfo,
    ) -> None:
        self._allows_private = allows_private
        self._patience = patience
        self._look_up = look_up
        self._timeout = httpx2.Timeout(patience.total_seconds(), connect=_CONNECTING.total_seconds())
        self._tls = tls or ssl.create_default_context()

    def objection(self, url: str) -> str:
        """Why no event is ever sent to this address; empty if one may be, or if its name leads nowhere today."""
        try:
            self._addresses(url)
        except NotTaken as refusal:
            return refusal.reason if refusal.reason in ("private_address", "not_https") else ""
        return ""

    def bring(self, hook: Hook) -> int:
        """Bring one event, and return the status of the answer. Raises NotTaken."""
        addresses = self._addresses(hook.url)
        status, headers = asyncio.run(self._within_patience(hook, addresses))
        if 200 <= status < 300:
            return status
        if 300 <= status < 400:
            raise NotTaken("redirected")
        raise NotTaken(f"status_{status}", retry_after=retry_after(headers), is_gone=status == 410)

    async def _within_patience(self, hook: Hook, addresses: Sequence[Address]) -> tuple[int, dict[str, str]]:
        try:
            async with asyncio.timeout(self._patience.total_seconds()):
                return await self._post_to_one(hook, addresses)
        except (TimeoutError, httpx2.TimeoutException) as error:
            raise NotTaken("timed_out") from error
        except httpx2.ConnectError as error:
            raise NotTaken("bad_certificate" if _is_certificate(error) else "not_connected") from error
        except (httpx2.HTTPError, httpx2.InvalidURL, UnicodeError) as error:
            raise NotTaken("broken_answer") from error

    async def _post_to_one(self, hook: Hook, addresses: Sequence[Address]) -> tuple[int, dict[str, str]]:
        """Try one address after the other, until one of them is connected."""
        *others, last = addresses
        for address in others:
            try:
                return await self._post(hook, address)
            except (httpx2.ConnectError, httpx2.ConnectTimeout):
                continue
        return await self._post(hook, last)

    async def _post(self, hook: Hook, address: Address) -> tuple[int, dict[str, str]]:
        named = httpx2.URL(hook.url)
        # The environment's proxies are passed by: they would look the name up anew, where nothing is checked.
        async with httpx2.AsyncClient(
            verify=self._tls, trust_env=False, follow_redirects=False, timeout=self._timeout
        ) as client:
            request = client.build_request(
                "POST",
                named.copy_with(host=str(address)),
                content=hook.body.encode(),
                headers={"host": named.netloc.decode(), **_headers(hook)},
                extensions={"sni_hostname": named.raw_host.decode()},
            )
            answer = await client.send(request, stream=True)
            await answer.aclose()  # only the status counts, so however long the answer is, it is not read
            return answer.status_code, dict(answer.headers)

    def _addresses(self, url: str) -> list[Address]:
        """All addresses of a receiver, each of which may be asked. Raises NotTaken."""
        parts = urlsplit(url)
        if parts.scheme != "https" and not self._allows_private:
            raise NotTaken("not_https")
        default_port = 443 if parts.scheme == "https" else 80
        try:
            answers = self._look_up(parts.hostname or "", parts.port or default_port, type=socket.SOCK_STREAM)
            addresses = [ipaddress.ip_address(str(answer[4][0]).partition("%")[0]) for answer in answers]
        except (OSError, UnicodeError, ValueError) as error:
            raise NotTaken("unknown_name") from error
        if not self._allows_private and not all(map(is_public, addresses)):
            raise NotTaken("private_address")
        return list(dict.fromkeys(addresses))


def is_public(address: Address) -> bool:
    """Whether an address is one of the public internet, also the IPv4 address that an IPv6 address may carry."""
    if not address.is_global or address.is_multicast:
        return False
    if isinstance(address, ipaddress.IPv4Address):
        return address not in _PROTOCOLS
    carried = carried_address(address)
    return is_public(carried) if carried else address in _ASSIGNED


def carried_address(address: Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address to which packets for an IPv6 address go in the end; None if there is none in it."""
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address.ipv4_mapped:
        return address.ipv4_mapped
    starts = [start for network, start in _TRANSLATED if address in network]
    return ipaddress.IPv4Address(address.packed[starts[0] : starts[0] + 4]) if starts else None


def _headers(hook: Hook) -> dict[str, str]:
    signatures = [Webhook(secret).sign(hook.webhook_id, hook.at, hook.body) for secret in hook.secrets]
    return {
        "content-type": "application/json",
        "user-agent": "offramp",
        "webhook-id": hook.webhook_id,
        "webhook-timestamp": str(int(hook.at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def _is_certificate(error: BaseException | None) -> bool:
    """Whether a connection failed by the receiver's certificate, and not by the network."""
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return True
        error = error.__cause__ or error.__context__
    return False
