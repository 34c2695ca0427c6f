"""What services need from outside, put together once and handed to whoever asks them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
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
    """Whether one thing that Offramp depends on is ready, and if not, why."""

    name: str
    ready: bool
    detail: str = ""


@dataclass(frozen=True, kw_only=True)
class Site:
    """Where and as what this Offramp is reached.

    `local_peers` are addresses from which the browsers of this machine come, where that is not loopback.
    """

    origin: str
    service_name: str
    secure: bool
    trusted_proxies: int = 0
    local_peers: frozenset[str] = frozenset()


class NobodyThere(OfframpError):
    """Nobody took an order, or nobody has answered it. `is_taken`: it may still be carried out."""

    def __init__(self, problem: str, *, is_taken: bool) -> None:
        super().__init__(problem)
        self.is_taken = is_taken


class Rollouts(Protocol):
    """What operators order. All raise Refused, which is in the cohort's journal then, and NobodyThere."""

    def launch(self, cohort: Cohort, *, by: str, reason: str) -> str:
        """Launch a cohort; returns its id."""

    def give(self, cohort_id: str, order: Order) -> Standing:
        """Give a cohort's rollout a command; returns where it stands then."""

    def edit(self, cohort: Cohort, *, by: str, reason: str) -> None:
        """Describe the launched cohort of that name anew."""


@dataclass(frozen=True, kw_only=True)
class Services:
    """Everything that a service may use.

    `inbox` is there in development only, if messages go into it; a reader of callbacks, if its provider is set up;
    `identity` where a company's own identity provider signs its staff in. `temporal_ui` is where the namespace's pages
    are, for those who look after failing journeys; empty if unknown.
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
