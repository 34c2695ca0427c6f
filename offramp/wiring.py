"""Builds the parts of Offramp from its settings. No other module decides which parts there are."""

from datetime import timedelta
from typing import Any

from temporalio.client import Client
from temporalio.envconfig import ClientConfig
from temporalio.runtime import Runtime

from domain.ports import Mailer, RingSeal, SimChecker, Texter
from offramp.clock import clock
from offramp.config import provider_choice, tracing
from offramp.config.provider_settings import MailProvider, SimCheck, TextProvider
from offramp.config.secret_ring import SecretRing, read_ring
from offramp.config.settings import Settings, read_roles
from offramp.metrics.snapshots import Snapshot
from offramp.opening import make_database
from offramp.orders.rollout_orders import RolloutOrders
from offramp.relay.readiness import Readings
from providers.identity import IdentityProvider, Registration
from providers.inbox import Inbox, InboxMailer, InboxTexter
from providers.passkeys import PasskeyVerifier
from providers.sealing import FernetSeal
from providers.texted_numbers import ChoosyTexter
from providers.webhooks import WebhookCourier
from providers.wording import TemplateWriter
from services.container import Services
from services.site import Site
from services.staff import exemption_bases
from store import Database
from workflows.converter import data_converter


def make_seal(settings: Settings) -> RingSeal:
    """Makes the seal that encrypts the codes and links in waiting messages. Raises NotConfigured."""
    return FernetSeal(*secret_ring(settings).keys)


def make_inbox(settings: Settings) -> Inbox | None:
    """Makes the development inbox; None in production, and if no message goes into it."""
    has_inbox = settings.is_development and settings.uses_inbox
    return Inbox(settings.home / "inbox.ndjson", clock) if has_inbox else None


def make_mailer(settings: Settings) -> Mailer:
    """Makes the provider of e-mails, or the inbox in its place. Raises NotConfigured."""
    inbox = make_inbox(settings)
    if settings.mailer is MailProvider.INBOX and inbox:
        return InboxMailer(inbox)
    return provider_choice.mailer(settings, clock)


def make_texter(settings: Settings) -> Texter:
    """Makes the provider of text messages, or the inbox in its place. Raises NotConfigured."""
    inbox = make_inbox(settings)
    has_inbox = settings.texter is TextProvider.INBOX
    texter = InboxTexter(inbox) if has_inbox and inbox else provider_choice.texter(settings)
    return ChoosyTexter(texter, frozenset(settings.sms_countries))


def make_sim_checker(settings: Settings) -> SimChecker | None:
    """Makes the provider that is asked whether a SIM was swapped; None without one. Raises NotConfigured."""
    return None if settings.sim_check is SimCheck.NONE else provider_choice.sim_checker(settings)


def make_courier(settings: Settings) -> WebhookCourier:
    """Makes what brings events to the hosts' receivers."""
    return WebhookCourier(allows_private=settings.webhooks_allow_private)


def operators(settings: Settings) -> list[str]:
    """The e-mail addresses of the operators who are told of a failed guardrail."""
    return [address.strip() for address in settings.operators_email.split(",") if address.strip()]


def make_writer(settings: Settings) -> TemplateWriter:
    """Makes the writer that puts messages into words."""
    return TemplateWriter(
        service_name=settings.service_name,
        origin=settings.origin,
        own=settings.messages,
        destinations=make_site(settings).destinations,
    )


def make_services(settings: Settings) -> Services:
    """Makes everything that the pages need. Raises NotConfigured."""
    database, site = make_database(settings), make_site(settings)
    return Services(
        database=database,
        clock=clock,
        site=site,
        peppers=secret_ring(settings).peppers,
        seal=make_seal(settings),
        passkeys=PasskeyVerifier(rp_id=settings.rp_id, rp_name=settings.service_name, origins=site.origins),
        readiness=Readings(database=database, clock=clock, connect=lambda: connect(settings)),
        rollouts=RolloutOrders(connect=lambda: connect(settings), database=database, clock=clock),
        is_development=settings.is_development,
        inbox=make_inbox(settings),
        sendgrid_events=provider_choice.sendgrid_events(settings),
        twilio_statuses=provider_choice.twilio_statuses(settings),
        identity=make_identity_provider(settings),
        temporal_ui=temporal_ui(settings),
        ticket_url=settings.ticket_url,
        rescue_delay=settings.rescue_delay,
        retention=settings.retention,
        sms_countries=frozenset(settings.sms_countries),
        email_recovers=settings.email_recovers,
        bases=exemption_bases.load(settings.exemption_bases),
    )


def make_identity_provider(settings: Settings) -> IdentityProvider | None:
    """Makes the client of the company's own identity provider; None if the settings name none."""
    if not settings.oidc_issuer:
        return None
    registration = Registration(
        issuer=settings.oidc_issuer,
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret,
        redirect_uri=f"{settings.origin}/console/sign-in/provider/back",
        role_claim=settings.oidc_role_claim,
        roles=read_roles(settings.oidc_roles),
    )
    return IdentityProvider(registration, clock)


def make_snapshot(settings: Settings, database: Database) -> Snapshot:
    """Makes the collector that reads the database's figures for Prometheus."""
    interval = timedelta(seconds=settings.metrics_seconds)
    return Snapshot(
        database,
        clock,
        every=interval,
        sms_price=settings.sms_cost,
        reads_host_list=bool(settings.host_list_url),
    )


def make_site(settings: Settings) -> Site:
    """Says under which origins and name people reach this Offramp."""
    return Site(
        origin=settings.origin,
        service_name=settings.service_name,
        secure=settings.is_secure,
        other_origins=settings.other_origins,
        related_origins=settings.related_origins,
        trusted_proxies=settings.trusted_proxies or 0,
        proxy_header=settings.proxy_header,
        local_peers=frozenset(map(str, settings.local_peers)),
        android_apps=settings.android_apps,
        apple_apps=settings.apple_apps,
        own_enroll_url=settings.passkey_enroll_url,
        own_manage_url=settings.passkey_manage_url,
        host_setup_url=settings.host_setup_url,
        host_account_url=settings.host_account_url,
        ceremonies=settings.ceremonies,
    )


def temporal_ui(settings: Settings) -> str:
    """The address of Temporal's pages about our namespace; empty if unknown.

    Without a setting, these are the pages of the server that `offramp up` runs.
    """
    namespace = ClientConfig.load_client_connect_config().get("namespace") or "default"
    own = settings.is_development and not names_a_temporal_server()
    base = settings.temporal_ui_url or (f"http://localhost:{settings.temporal_ui_port}" if own else "")
    return f"{base.rstrip('/')}/namespaces/{namespace}" if base else ""


async def connect(settings: Settings, *, lazy: bool = True, runtime: Runtime | None = None) -> Client:
    """A client of Temporal. A `lazy` client connects at its first use; workers need a client that is connected.

    Temporal's own environment configuration (`TEMPORAL_ADDRESS`, a profile file) names the server and the namespace.
    What it leaves out is taken from the server that `offramp up` runs.
    """
    configuration: dict[str, Any] = {
        "target_host": f"127.0.0.1:{settings.temporal_port}",
        "namespace": "default",
    }
    configuration |= ClientConfig.load_client_connect_config()
    return await Client.connect(
        **configuration,
        data_converter=data_converter,
        lazy=lazy,
        runtime=runtime,
        interceptors=tracing.interceptors(settings),
    )


def names_a_temporal_server() -> str | None:
    """The address in Temporal's own environment configuration; None if there is none."""
    return ClientConfig.load_client_connect_config().get("target_host")


def secret_ring(settings: Settings) -> SecretRing:
    """The keys from which all other secrets are derived. Development makes one once. Raises NotConfigured."""
    return read_ring(settings)
