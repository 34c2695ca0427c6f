"""Where people reach this Offramp: its origins, its name, the apps that belong to it, and the proxies in front."""

from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import quote

from domain.facts import Milestone
from domain.host.ceremonies import Ceremonies
from domain.messages.destinations import Destinations, with_step

_SET_UP = quote("urn:offramp:setup", safe="")


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
    `apple_apps` may use them, too. `own_enroll_url` and `own_manage_url` are pages of the host's, and so
    are `host_setup_url`, which takes people through the steps, and `host_account_url`. Where `ceremonies` are
    orchestrated, these two take the place of people's pages here.
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
    host_setup_url: str = ""
    host_account_url: str = ""
    ceremonies: Ceremonies = Ceremonies.HOSTED

    @property
    def enroll_url(self) -> str:
        """Where programs lead people who want a passkey."""
        at_host = with_step(self.host_setup_url, Milestone.PASSKEY_ENROLLED)
        own = at_host if self.is_orchestrated else f"{self.origin}/setup/passkey"
        return self.own_enroll_url or own

    @property
    def manage_url(self) -> str:
        """Where programs lead people who want to see their passkeys."""
        own = self.host_account_url if self.is_orchestrated else f"{self.origin}/account"
        return self.own_manage_url or own

    @property
    def is_orchestrated(self) -> bool:
        """Whether the host's pages run the ceremonies, so that none of people's pages is here."""
        return self.ceremonies is Ceremonies.ORCHESTRATED

    @property
    def account_page(self) -> str:
        """Where our own pages lead people who want to see their account."""
        return self.host_account_url if self.is_orchestrated else "/account"

    @property
    def destinations(self) -> Destinations:
        """Where the links in messages lead."""
        if not self.is_orchestrated:
            return Destinations(origin=self.origin)
        return Destinations(
            origin=self.origin, setup_url=self.host_setup_url, account_url=self.host_account_url
        )

    def set_up_link(self, step: Milestone) -> str:
        """Where a host sends a person for a step: to its own page, or by OpenID Connect to the guided set-up here.

        To the latter the host adds what every request of its client has: `client_id`, `redirect_uri` and so on.
        """
        if self.is_orchestrated:
            return with_step(self.host_setup_url, step)
        return f"{self.origin}/oidc/authorize?acr_values={_SET_UP}"

    @property
    def origins(self) -> tuple[str, ...]:
        """All origins that requests and passkeys may come from: of pages, and of native apps."""
        return self.origin, *self.other_origins

    def is_own(self, origin: str) -> bool:
        """Whether an origin, as a browser or an app writes it, is one of ours."""
        return origin in self.origins
