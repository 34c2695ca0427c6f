"""Holds everything that services need from outside. It is built once and handed to every service."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Protocol

from domain.errors import OfframpError
from domain.ports import Clock, Seal
from domain.rollouts.cohorts import Cohort
from domain.rollouts.rollout import Order, Standing
from domain.staff.approvals import RESCUE_DELAY
from providers.identity import IdentityProvider
from providers.inbox import Inbox
from providers.passkeys import PasskeyVerifier
from providers.sendgrid_events import SendGridEvents
from providers.twilio_statuses import TwilioStatuses
from store import Database


@dataclass(frozen=True, kw_only=True)
class Readiness:
    """Whether a part that Offramp depends on is ready; `detail` says why not."""

    name: str
    ready: bool
    detail: str = ""


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


class NobodyThere(OfframpError):
    """Nobody took an order, or nobody answered it. If `is_taken`, the order may still be carried out."""

    def __init__(self, problem: str, *, is_taken: bool) -> None:
        super().__init__(problem)
        self.is_taken = is_taken


class Rollouts(Protocol):
    """Takes operators' orders. All methods raise Refused and NobodyThere; the cohort's log keeps a refused command."""

    def launch(self, cohort: Cohort, *, by: str, reason: str) -> str:
        """Launch a cohort; returns its id."""

    def give(self, cohort_id: str, order: Order) -> Standing:
        """Give a cohort's rollout a command; returns the rollout's new standing."""

    def edit(self, cohort: Cohort, *, by: str, reason: str) -> None:
        """Change the description of the launched cohort with the name in `cohort`."""


@dataclass(frozen=True, kw_only=True)
class Services:
    """Everything that a service may use.

    `inbox` exists in development only, if messages go into it. `sendgrid_events` and `twilio_statuses` read callbacks,
    if the provider is set up. `identity` is the company's own identity provider, if it signs staff in. `temporal_ui` is
    the address of Temporal's pages about the namespace, which show failing journeys; empty if unknown.
    `sms_countries` are the countries (ISO 3166) that are texted; none means all.
    """

    database: Database
    clock: Clock
    site: Site
    pepper: bytes
    seal: Seal
    passkeys: PasskeyVerifier
    readiness: Callable[[], list[Readiness]]
    rollouts: Rollouts
    is_development: bool = False
    inbox: Inbox | None = None
    sendgrid_events: SendGridEvents | None = None
    twilio_statuses: TwilioStatuses | None = None
    identity: IdentityProvider | None = None
    temporal_ui: str = ""
    rescue_delay: timedelta = RESCUE_DELAY
    sms_countries: frozenset[str] = frozenset()
