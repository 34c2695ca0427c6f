"""Holds everything that services need from outside. It is built once and handed to every service."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from domain.desk.exemptions import STANDARD_BASES, Bases
from domain.errors import OfframpError
from domain.ports import Clock, Seal
from domain.rights.retention import Retention
from domain.rollouts.cohorts import Cohort
from domain.rollouts.edits import Edit
from domain.rollouts.rollout import Order, Standing
from domain.safety.peppers import PepperRing
from domain.staff.approvals import RESCUE_DELAY
from providers.identity import IdentityProvider
from providers.inbox import Inbox
from providers.passkeys import PasskeyVerifier
from providers.security_events import SecurityEventReader
from providers.sendgrid_events import SendGridEvents
from providers.twilio_statuses import TwilioStatuses
from services.site import Site
from store import Database


@dataclass(frozen=True, kw_only=True)
class Readiness:
    """Whether a part that Offramp depends on is ready; `detail` says why not."""

    name: str
    ready: bool
    detail: str = ""


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

    def edit(self, cohort_id: str, edit: Edit) -> Standing:
        """Change the description of a launched cohort; returns the rollout's new standing."""


@dataclass(frozen=True, kw_only=True)
class Services:
    """Everything that a service may use.

    `inbox` exists in development only, if messages go into it. `sendgrid_events` and `twilio_statuses` read callbacks,
    if the provider is set up. `identity` is the company's own identity provider, if it signs staff in. `temporal_ui` is
    the address of Temporal's pages about the namespace, which show failing journeys; empty if unknown. `ticket_url` is
    the address of the host's tickets, with a place for an id; empty if unknown.
    `security_events` reads the tokens of registered transmitters, and keeps the keys that it has fetched.
    `seen_proxies` is when this process last noted each kind of request (`services/proxy_sightings.py`).
    `sms_countries` are the countries (ISO 3166) that are texted; none means all. `email_recovers`: a code by e-mail
    counts as a proof in recoveries. `bases` are the grounds on which people are exempted.
    """

    database: Database
    clock: Clock
    site: Site
    peppers: PepperRing
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
    ticket_url: str = ""
    rescue_delay: timedelta = RESCUE_DELAY
    retention: Retention = field(default_factory=Retention)
    sms_countries: frozenset[str] = frozenset()
    email_recovers: bool = True
    bases: Bases = STANDARD_BASES
    security_events: SecurityEventReader = field(default_factory=SecurityEventReader)
    seen_proxies: dict[tuple[int, bool, bool], datetime] = field(default_factory=dict)
