"""Requests to providers by HTTP: many at once, and none twice.

If a request fails before it is written, the provider did not take it. If its answer never comes, nobody knows.
"""

import socket
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NoReturn
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError, InvalidHeader

from domain.ports import NotHandedOver

MOST_AT_ONCE = 100
"""How many connections are kept open; more are opened when they are needed, and closed again."""

LONGEST_HOLD = timedelta(hours=1)
"""A provider that asks for a longer wait is asked again after this time all the same."""

PATIENCE = timedelta(seconds=10)
"""How long an answer may take: well below the time for a hand-over, in which each address may be tried in turn."""

_CONNECTING = timedelta(seconds=3)

# Keep-alive finds a connection that a firewall has dropped, before a message is sent by it.
_SOCKETS = [
    *HTTPConnection.default_socket_options,
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    *([(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 30)] if hasattr(socket, "TCP_KEEPIDLE") else []),
    *([(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 10)] if hasattr(socket, "TCP_KEEPINTVL") else []),
]


class LostAnswer(Exception):
    """The request was written, and what became of it is not known."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a provider answered; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Wire:
    """Requests to one provider, from any number of threads. It repeats nothing, and follows no redirect."""

    def __init__(self, provider: str, base_url: str, patience: timedelta = PATIENCE) -> None:
        self._provider = provider
        self._patience = _timeout(patience)
        self._pools = _pools(base_url)

    def request(
        self, method: str, url: str, *, headers: Mapping[str, str], body: bytes | None = None
    ) -> Answer:
        """Ask once. Raises NotHandedOver when nothing was written, and LostAnswer when nothing came back."""
        try:
            answer = self._pools.request(
                method, url, headers=headers, body=body, retries=False, redirect=False, timeout=self._patience
            )
        except _NotConnected as trouble:
            raise NotHandedOver(f"{self._provider}_not_reached: {trouble}") from None
        except (HTTPError, OSError) as trouble:
            raise LostAnswer(f"{self._provider}_answer_lost: {type(trouble).__name__}") from None
        names = {name.lower(): value for name, value in answer.headers.items()}
        return Answer(status=answer.status, headers=names, body=answer.data)

    def refuse(self, answer: Answer) -> None:
        """Raise for a status that is enough without the body: come back later, or mend the configuration."""
        status, reason = answer.status, f"{self._provider}_{answer.status}"
        if status == 504:  # a gateway that got no answer, so the provider may have the message
            raise LostAnswer(reason)
        if status in (408, 429) or status >= 500:
            raise NotHandedOver(reason, retry_after=retry_after(answer.headers))
        if status in (401, 402, 403):
            self.refuse_configuration(f"credentials_refused_{status}")
        if 300 <= status < 400 or status in (404, 405):
            self.refuse_configuration(f"wrong_address_{status}")

    def refuse_configuration(self, problem: str) -> NoReturn:
        """Raise NotHandedOver for what the operator has to mend: messages wait meanwhile, and none is lost."""
        raise NotHandedOver(f"{self._provider}_{problem}")


def retry_after(headers: Mapping[str, str]) -> timedelta | None:
    """How long the provider asks to wait (RFC 9110, 10.2.3), an hour at most; None if it does not say."""
    try:
        seconds = urllib3.Retry().parse_retry_after(headers["retry-after"])
    except (KeyError, InvalidHeader, ValueError, OverflowError):
        return None
    return timedelta(seconds=min(seconds, LONGEST_HOLD.total_seconds()))


class _NotConnected(Exception):
    """Not one byte of the request has been written."""


class _Connection(HTTPConnection):
    def connect(self) -> None:
        try:
            super().connect()
        except (HTTPError, OSError) as trouble:
            raise _NotConnected(type(trouble).__name__) from trouble


class _SecureConnection(HTTPSConnection):
    def connect(self) -> None:
        try:
            super().connect()
        except (HTTPError, OSError) as trouble:
            raise _NotConnected(type(trouble).__name__) from trouble


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


def _timeout(patience: timedelta) -> urllib3.Timeout:
    connecting = min(patience, _CONNECTING).total_seconds()
    return urllib3.Timeout(
        total=2 * patience.total_seconds(), connect=connecting, read=patience.total_seconds()
    )


def _pools(base_url: str) -> urllib3.PoolManager:
    where = urlsplit(base_url)
    options: dict[str, Any] = {"maxsize": MOST_AT_ONCE, "socket_options": _SOCKETS}
    proxy = getproxies().get(where.scheme)
    bypassed = proxy_bypass(where.hostname or "")
    pools = (
        urllib3.ProxyManager(proxy, **options) if proxy and not bypassed else urllib3.PoolManager(**options)
    )
    pools.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}
    return pools
