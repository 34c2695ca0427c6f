"""Where the people of a crowd come from: attempts are counted by address, so everybody needs one of their own."""

import socket
from dataclasses import dataclass

from offramp.config.settings import NotConfigured, Settings


@dataclass(frozen=True, kw_only=True)
class Address:
    """One browser's address: what the connection comes from, or what a proxy in front would say."""

    source: str | None = None
    forwarded: str | None = None


class Addresses:
    """Gives every browser an address. Raises NotConfigured when this machine and these settings have only one."""

    def __init__(self, settings: Settings) -> None:
        self._proxies = settings.trusted_proxies
        self._given = 0
        if not self._proxies and not _has_many():
            raise NotConfigured(
                "this machine lets all connections come from one address, and attempts are counted by address; "
                "set OFFRAMP_TRUSTED_PROXIES=1, start the instance again with it, and then the crowd"
            )

    def next(self) -> Address:
        """One that nobody has had."""
        self._given += 1
        network, host = divmod(self._given, 250)
        place = f"{70 + network // 250}.{network % 250}.{host + 1}"
        if not self._proxies:
            return Address(source=f"127.{place}")
        hops = [f"10.{place}", *("10.0.0.1" for _ in range(self._proxies - 1))]
        return Address(forwarded=", ".join(hops))


def _has_many() -> bool:
    """Whether all of 127.0.0.0/8 is this machine, as on Linux."""
    with socket.socket() as probe:
        try:
            probe.bind(("127.70.0.1", 0))
        except OSError:
            return False
    return True
