"""Every setting of Offramp, read once, from the environment: `OFFRAMP_` and the name in capitals."""

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict
from pydantic_settings.sources import DotEnvSettingsSource, EnvSettingsSource

from domain.host.ceremonies import Ceremonies
from domain.safety.secret_keys import key_id
from domain.staff.approvals import RESCUE_DELAY
from domain.staff.staff import Role
from offramp.config.provider_settings import MailProvider, ProviderSettings, TextProvider
from offramp.config.retention_settings import RetentionSettings
from offramp.config.secret_files import SecretFiles
from offramp.config.site_settings import SiteSettings, host_of
from offramp.config.text_settings import TextSettings

SHORTEST_SECRET_KEY = 32


class Mode(StrEnum):
    """How Offramp runs.

    In development it has an inbox if no provider is chosen, makes its own secret key, and listens on loopback, except
    in a container with `local_peers`.
    """

    DEVELOPMENT = "development"
    PRODUCTION = "production"


class LogFormat(StrEnum):
    """How log lines look."""

    CONSOLE = "console"
    JSON = "json"


class NotConfigured(Exception):
    """A setting is missing or impossible; the message names the setting and says what to do."""


class Settings(SiteSettings, TextSettings, RetentionSettings, ProviderSettings):
    """All settings; `docs/settings.md` explains each."""

    model_config = SettingsConfigDict(
        env_prefix="OFFRAMP_",
        env_file=".env",
        extra="ignore",
        env_ignore_empty=True,
        hide_input_in_errors=True,  # the input is every setting, with the secrets
    )

    mode: Mode = Mode.DEVELOPMENT
    ceremonies: Ceremonies = Ceremonies.HOSTED
    home: Path = Path(".offramp")
    database_url: str = Field(default="", repr=False)
    database_connections: int = Field(default=15, ge=2, le=1000)
    database_wait_seconds: float = Field(default=10.0, gt=0)
    service_name: str = "Example"
    secret_key: str = Field(default="", repr=False)
    secret_keys: Annotated[tuple[str, ...], NoDecode] = Field(default=(), repr=False)
    secret_keys_for_codes: Annotated[tuple[str, ...], NoDecode] = Field(default=(), repr=False)
    api_host: str = "127.0.0.1"
    api_port: int = Field(default=8400, ge=1, le=65535)
    api_processes: int = Field(default=1, ge=1)
    local_peers: Annotated[tuple[IPv4Address | IPv6Address, ...], NoDecode] = ()
    temporal_port: int = Field(default=7233, ge=1, le=65535)
    temporal_ui_port: int = Field(default=8233, ge=1, le=65535)
    temporal_ui_url: str = ""
    operators_email: str = ""
    messages: Path | None = None
    exemption_bases: Path | None = None
    host_list_url: str = Field(default="", repr=False)
    host_list_token: str = Field(default="", repr=False)
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = Field(default="", repr=False)
    oidc_role_claim: str = "groups"
    oidc_roles: str = ""
    rescue_delay_hours: float | None = Field(default=None, ge=0)
    email_recovers: bool = True
    metrics_host: str = "127.0.0.1"
    metrics_port: int = Field(default=8410, ge=0, le=65531)
    metrics_seconds: float = Field(default=15.0, gt=0)
    sms_cost: float = Field(default=0.05, ge=0)
    relay_poll_seconds: float = Field(default=1.0, gt=0)
    webhooks_allow_private: bool = False
    log_format: LogFormat | None = None
    tracing: bool = False
    debug: bool = False

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment before `.env`, and files of secrets, which either of the two names."""
        given = {**_variables(dotenv_settings), **_variables(env_settings)}
        return init_settings, env_settings, dotenv_settings, SecretFiles(settings_cls, given)

    @field_validator("secret_keys", "secret_keys_for_codes", mode="before")
    @classmethod
    def secret_keys_are_listed(cls, keys: object) -> object:
        """Split keys that are separated by commas, or stand on lines of their own."""
        return (
            [key.strip() for key in re.split(r"[,\n]", keys) if key.strip()]
            if isinstance(keys, str)
            else keys
        )

    @field_validator("local_peers", mode="before")
    @classmethod
    def local_peers_are_listed(cls, peers: object) -> object:
        """Split addresses that are separated by commas."""
        return (
            [peer.strip() for peer in peers.split(",") if peer.strip()] if isinstance(peers, str) else peers
        )

    @model_validator(mode="after")
    def fill_in(self) -> Self:
        """Derive each missing setting from the other settings."""
        self.origin = self.origin or f"http://localhost:{self.api_port}"
        self.database_url = self.database_url or f"sqlite:///{self.home.absolute() / 'offramp.db'}"
        self.rp_id = self.rp_id or host_of(self.origin)
        self.from_name = self.from_name or self.service_name
        if self.is_development:
            self.mailer = self.mailer or MailProvider.INBOX
            self.texter = self.texter or TextProvider.INBOX
        self.log_format = self.log_format or (LogFormat.CONSOLE if self.is_development else LogFormat.JSON)
        return self

    @field_validator("oidc_roles")
    @classmethod
    def roles_are_some(cls, roles: str) -> str:
        """Require pairs `group=role`, separated by commas."""
        read_roles(roles)
        return roles

    @property
    def given_keys(self) -> tuple[str, ...]:
        """The secret keys that are given, newest first; none if development makes its own."""
        return self.secret_keys or ((self.secret_key,) if self.secret_key else ())

    @property
    def is_development(self) -> bool:
        """Whether the mode is development, which is the default."""
        return self.mode is Mode.DEVELOPMENT

    @property
    def is_secure(self) -> bool:
        """Whether people reach the pages by HTTPS."""
        return urlsplit(self.origin).scheme == "https"

    @property
    def rescue_delay(self) -> timedelta:
        """How long an owner may object before a rescue pass opens. The default in development is one minute."""
        if self.rescue_delay_hours is None:
            return timedelta(minutes=1) if self.is_development else RESCUE_DELAY
        return timedelta(hours=self.rescue_delay_hours)

    def problems(self) -> list[str]:
        """Why Offramp cannot run safely with these settings. Each problem says what to set."""
        return [
            *self.site_problems(is_development=self.is_development),
            *self._key_problems(),
            *self._mode_problems(),
            *self.host_page_problems(is_needed=self.ceremonies is Ceremonies.ORCHESTRATED),
            *self._identity_problems(),
            *self.message_problems(),
            *self.basis_problems(),
            *self.retention_problems(),
            *self.provider_problems(is_development=self.is_development),
        ]

    def message_problems(self) -> list[str]:
        """The mistakes in the operator's own messages."""
        if self.messages is None:
            return []
        from providers import wording_checks  # every command reads settings, and few commands need templates

        return [f"OFFRAMP_MESSAGES: {problem}" for problem in wording_checks.problems(self.messages)]

    def basis_problems(self) -> list[str]:
        """The mistakes in the operator's own list of grounds for exemptions."""
        if self.exemption_bases is None:
            return []
        from services.staff import exemption_bases  # few commands need the list

        try:
            exemption_bases.load(self.exemption_bases)
        except exemption_bases.BadBases as bad:
            return [f"OFFRAMP_EXEMPTION_BASES: {problem}" for problem in bad.problems]
        return []

    def _key_problems(self) -> list[str]:
        for_codes = self.secret_keys_for_codes
        problems = key_problems(self.given_keys, for_codes, is_needed=not self.is_development)
        if self.secret_key and self.secret_keys and self.secret_keys != (self.secret_key,):
            problems.append(
                "OFFRAMP_SECRET_KEY and OFFRAMP_SECRET_KEYS are both given, and are not the same: keep "
                "OFFRAMP_SECRET_KEYS, with the former key in it behind the newest, and take OFFRAMP_SECRET_KEY out"
            )
        return problems

    def _mode_problems(self) -> list[str]:
        if self.is_development:
            problems = {
                "OFFRAMP_API_HOST must be a loopback address in development, because /dev/inbox shows codes": (
                    not _is_loopback(self.api_host) and not self.local_peers
                ),
            }
        else:
            problems = {
                "OFFRAMP_ORIGIN must be given in production, and begin with https://": not self.is_secure,
                "OFFRAMP_RESCUE_DELAY_HOURS must be 1 or more in production, so that owners can object": (
                    self.rescue_delay < timedelta(hours=1)
                ),
                "OFFRAMP_WEBHOOKS_ALLOW_PRIVATE is for development: it lets events into your own network, by http": (
                    self.webhooks_allow_private
                ),
                "OFFRAMP_LOCAL_PEERS is for development in a container, and for nothing else": bool(
                    self.local_peers
                ),
            }
        return [problem for problem, is_wrong in problems.items() if is_wrong]

    def _identity_problems(self) -> list[str]:
        if not self.oidc_issuer:
            return []
        problems = {
            "OFFRAMP_OIDC_ISSUER must begin with https://": (
                not self.is_development and not self.oidc_issuer.startswith("https://")
            ),
            "OFFRAMP_OIDC_ISSUER needs OFFRAMP_OIDC_CLIENT_ID and OFFRAMP_OIDC_CLIENT_SECRET": (
                not (self.oidc_client_id and self.oidc_client_secret)
            ),
            "OFFRAMP_OIDC_ISSUER needs OFFRAMP_OIDC_ROLES, like offramp-support=support": not self.oidc_roles,
        }
        return [problem for problem, is_wrong in problems.items() if is_wrong]


def key_problems(keys: Sequence[str], for_codes: Sequence[str] = (), *, is_needed: bool) -> list[str]:
    """What is wrong with secret keys, newest first. It names a key by its place, and shows none."""
    problems = []
    if is_needed and not keys:
        problems.append(
            f"OFFRAMP_SECRET_KEY or OFFRAMP_SECRET_KEYS must be given, of {SHORTEST_SECRET_KEY} characters or more. "
            "Make one: python3 -c 'import secrets; print(secrets.token_urlsafe(48))'"
        )
    named = {"OFFRAMP_SECRET_KEYS": keys, "OFFRAMP_SECRET_KEYS_FOR_CODES": for_codes}
    problems += [
        f"{_named(variable, place, listed)} must have {SHORTEST_SECRET_KEY} characters or more; it has {len(key)}"
        for variable, listed in named.items()
        for place, key in enumerate(listed, start=1)
        if len(key) < SHORTEST_SECRET_KEY
    ]
    every_key = [*keys, *for_codes]
    if len(set(every_key)) < len(every_key):
        problems.append("OFFRAMP_SECRET_KEYS, with those for codes, names a key twice")
    elif len(set(map(key_id, every_key))) < len(every_key):
        problems.append("OFFRAMP_SECRET_KEYS has two keys with the same id: make another one")
    return problems


def _named(variable: str, place: int, listed: Sequence[str]) -> str:
    is_alone = len(listed) == 1 and variable == "OFFRAMP_SECRET_KEYS"
    return "OFFRAMP_SECRET_KEY" if is_alone else f"key {place} of {variable}"


def _variables(source: PydanticBaseSettingsSource) -> Mapping[str, str | None]:
    """What the environment, or `.env`, says of any name."""
    return source.env_vars if isinstance(source, EnvSettingsSource | DotEnvSettingsSource) else {}


def read_roles(text: str) -> dict[str, Role]:
    """The role of each group of an identity provider, from `group=role`, separated by commas. Raises ValueError."""
    pairs = (pair.strip().rpartition("=") for pair in text.split(",") if pair.strip())
    roles = {group.strip(): role.strip() for group, _, role in pairs}
    if not all(group and role in list(Role) for group, role in roles.items()):
        raise ValueError(f"roles are pairs like offramp-support=support, of {', '.join(Role)}")
    return {group: Role(role) for group, role in roles.items()}


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
