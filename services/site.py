"""Where people reach this Offramp: its origins, its name, the apps that belong to it, and the proxies in front."""

from dataclasses import dataclass
from enum import StrEnum


class ProxyHeader(StrEnum):
    """The header in which our own proxies say whose request they pass on."""

    X_FORWARDED_FOR = "x-forwarded-for"
    FORWARDED = "forwarded"
    """The header of RFC 7239."""


@dataclass(frozen=True, kw_only=True)
class AndroidApp:
    """An app that may use the site's passkeys: its package, and its certificate's SHA-256, like `AB:CD:…`."""

    package: str
    fingerprint: str


@dataclass(frozen=True, kw_only=True)
class Site:
    """The origins and the name under which people reach this Offramp.

    Messages lead to `origin`; pages and passkeys work at `other_origins`, too, and nowhere else. `trusted_proxies` of
    ours write `proxy_header`. `local_peers` are the addresses of this machine's browsers, if these are not loopback
    addresses. `related_origins` are those of pages that use the passkeys of another domain. `android_apps` and
    `apple_apps` may use them, too. `own_enroll_url` and `own_manage_url` are pages of the host's.
    """

    origin: str
    service_name: str
    secure: bool
    other_origins: tuple[str, ...] = ()
    related_origins: tuple[str, ...] = ()
    trusted_proxies: int = 0
    proxy_header: ProxyHeader = ProxyHeader.X_FORWARDED_FOR
    local_peers: frozenset[str] = frozenset()
    android_apps: tuple[AndroidApp, ...] = ()
    apple_apps: tuple[str, ...] = ()
    own_enroll_url: str = ""
    own_manage_url: str = ""

    @property
    def enroll_url(self) -> str:
        """Where programs lead people who want a passkey."""
        return self.own_enroll_url or f"{self.origin}/setup/passkey"

    @property
    def manage_url(self) -> str:
        """Where programs lead people who want to see their passkeys."""
        return self.own_manage_url or f"{self.origin}/account"

    @property
    def origins(self) -> tuple[str, ...]:
        """All origins that requests and passkeys may come from: of pages, and of native apps."""
        return self.origin, *self.other_origins

    def is_own(self, origin: str) -> bool:
        """Whether an origin, as a browser or an app writes it, is one of ours."""
        return origin in self.origins
