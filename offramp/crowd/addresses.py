"""Gives each browser of a crowd an address of its own, because Offramp counts attempts by address."""

import socket
from dataclasses import dataclass

from offramp.config.settings import NotConfigured, Settings
from services.site import ProxyHeader


@dataclass(frozen=True, kw_only=True)
class Address:
    """One browser's address: the source of its connections, or the headers that a proxy would send."""

    source: str | None = None
    headers: tuple[tuple[str, str], ...] = ()


class Addresses:
    """Gives every browser an address. Raises NotConfigured if only one address can be had."""

    def __init__(self, settings: Settings) -> None:
        self._proxies = settings.trusted_proxies or 0
        self._header = settings.proxy_header
        self._count = 0
        if not self._proxies and not _has_many():
            raise NotConfigured(
                "this machine lets all connections come from one address, and attempts are counted by address; "
                "set OFFRAMP_TRUSTED_PROXIES=1, start the instance again with it, and then the crowd"
            )

    def next(self) -> Address:
        """An address that no other browser of this crowd has."""
        self._count += 1
        network, host = divmod(self._count, 250)
        place = f"{70 + network // 250}.{network % 250}.{host + 1}"
        if not self._proxies:
            return Address(source=f"127.{place}")
        hops = [f"10.{place}", *("10.0.0.1" for _ in range(self._proxies - 1))]
        node = "for=" if self._header is ProxyHeader.FORWARDED else ""
        return Address(headers=((self._header, ", ".join(f"{node}{hop}" for hop in hops)),))


def _has_many() -> bool:
    """Whether connections can come from any address in 127.0.0.0/8, as on Linux."""
    with socket.socket() as probe:
        try:
            probe.bind(("127.70.0.1", 0))
        except OSError:
            return False
    return True
