"""Puts Offramp together from its settings: what is built, and with what, is decided here and nowhere else."""

import contextlib
import hashlib
import os
import secrets
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

from temporalio.client import Client
from temporalio.envconfig import ClientConfig
from temporalio.runtime import Runtime

from domain.ports import Mailer, Seal, Texter
from offramp.clock import clock
from offramp.config import provider_choice, tracing
from offramp.config.provider_settings import MailProvider, TextProvider
from offramp.config.settings import SHORTEST_SECRET_KEY, Mode, NotConfigured, Settings, read_roles
from offramp.metrics.snapshots import Snapshot
from offramp.opening import make_database
from offramp.orders.rollout_orders import RolloutOrders
from offramp.relay.readiness import Readings
from providers.identity import IdentityProvider, Registration
from providers.inbox import Inbox, InboxMailer, InboxTexter
from providers.passkeys import PasskeyVerifier
from providers.sealing import FernetSeal
from providers.wording import TemplateWriter
from services.container import Services, Site
from store import Database
from workflows.converter import data_converter


def make_seal(settings: Settings) -> Seal:
    """What closes the codes inside waiting messages."""
    return FernetSeal(secret_key(settings))


def make_inbox(settings: Settings) -> Inbox | None:
    """The development inbox; None where nothing goes into it, and always in production."""
    wanted = settings.is_development and settings.uses_inbox
    return Inbox(settings.home / "inbox.ndjson", clock) if wanted else None


def make_mailer(settings: Settings) -> Mailer:
    """What sends e-mails. Raises NotConfigured."""
    inbox = make_inbox(settings)
    if settings.mailer is MailProvider.INBOX and inbox:
        return InboxMailer(inbox)
    return provider_choice.mailer(settings, clock)


def make_texter(settings: Settings) -> Texter:
    """What sends text messages. Raises NotConfigured."""
    inbox = make_inbox(settings)
    if settings.texter is TextProvider.INBOX and inbox:
        return InboxTexter(inbox)
    return provider_choice.texter(settings)


def operators(settings: Settings) -> list[str]:
    """The e-mail addresses of those who hear of a failed guardrail."""
    return [address.strip() for address in settings.operators_email.split(",") if address.strip()]


def make_writer(settings: Settings) -> TemplateWriter:
    """What puts messages into words."""
    return TemplateWriter(service_name=settings.service_name, origin=settings.origin, own=settings.messages)


def make_services(settings: Settings) -> Services:
    """Everything that the pages need."""
    database = make_database(settings)
    return Services(
        database=database,
        clock=clock,
        site=make_site(settings),
        pepper=pepper(settings),
        seal=make_seal(settings),
        passkeys=PasskeyVerifier(rp_id=settings.rp_id, rp_name=settings.service_name, origin=settings.origin),
        readiness=Readings(database=database, clock=clock, connect=lambda: connect(settings)),
        rollouts=RolloutOrders(connect=lambda: connect(settings), database=database, clock=clock),
        is_development=settings.is_development,
        inbox=make_inbox(settings),
        sendgrid_events=provider_choice.sendgrid_events(settings),
        twilio_statuses=provider_choice.twilio_statuses(settings),
        identity=make_identity_provider(settings),
        temporal_ui=temporal_ui(settings),
        rescue_delay=settings.rescue_delay,
    )


def make_identity_provider(settings: Settings) -> IdentityProvider | None:
    """The company's own identity provider, if one is named."""
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
    """What reads the database's figures for Prometheus."""
    every = timedelta(seconds=settings.metrics_seconds)
    return Snapshot(database, clock, every=every, sms_price=settings.sms_cost)


def make_site(settings: Settings) -> Site:
    """Where and as what this Offramp is reached."""
    return Site(
        origin=settings.origin,
        service_name=settings.service_name,
        secure=settings.is_secure,
        trusted_proxies=settings.trusted_proxies,
        local_peers=frozenset(map(str, settings.local_peers)),
    )


def temporal_ui(settings: Settings) -> str:
    """Where the pages of our namespace are; those of the server that `offramp up` runs unless others are named."""
    namespace = ClientConfig.load_client_connect_config().get("namespace") or "default"
    own = settings.is_development and not names_a_temporal_server()
    base = settings.temporal_ui_url or (f"http://localhost:{settings.temporal_ui_port}" if own else "")
    return f"{base.rstrip('/')}/namespaces/{namespace}" if base else ""


async def connect(settings: Settings, *, lazy: bool = True, runtime: Runtime | None = None) -> Client:
    """A client of Temporal, connected at its first use, or now if it is not `lazy` (workers need one that is not).

    Temporal's own environment configuration decides where it is (`TEMPORAL_ADDRESS`, a profile file); what that
    leaves open is the server that `offramp up` runs.
    """
    given: dict[str, Any] = {"target_host": f"127.0.0.1:{settings.temporal_port}", "namespace": "default"}
    given |= ClientConfig.load_client_connect_config()
    return await Client.connect(
        **given,
        data_converter=data_converter,
        lazy=lazy,
        runtime=runtime,
        interceptors=tracing.interceptors(settings),
    )


def names_a_temporal_server() -> str | None:
    """The address that Temporal's own environment configuration gives, if it gives one."""
    return ClientConfig.load_client_connect_config().get("target_host")


def secret_key(settings: Settings) -> str:
    """What everything secret is derived from. Development makes its own, once. Raises NotConfigured."""
    if settings.secret_key or settings.mode is Mode.PRODUCTION:
        return _checked(settings.secret_key)
    return _own_key(settings.home / "secret")


def pepper(settings: Settings) -> bytes:
    """What short codes are hashed with; without it a stolen database does not give them away."""
    key = secret_key(settings).encode()
    return hashlib.blake2b(key, digest_size=32, person=b"offramp-pepper").digest()


def _checked(key: str) -> str:
    if len(key) < SHORTEST_SECRET_KEY:
        raise NotConfigured(
            f"OFFRAMP_SECRET_KEY must have {SHORTEST_SECRET_KEY} characters or more; it has {len(key)}. "
            "Make one: python3 -c 'import secrets; print(secrets.token_urlsafe(48))'"
        )
    return key


def _own_key(path: Path) -> str:
    if not path.exists():
        _write_once(path, secrets.token_urlsafe(48))
    return _checked(path.read_text().strip())


def _write_once(path: Path, text: str) -> None:
    """Write a private file whole or not at all; when several try at once, the first one's stays."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.")  # for its owner's eyes only
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
    finally:
        Path(draft).unlink()
