"""Every setting of Offramp, read once, from the environment: `OFFRAMP_` and the name in capitals."""

from enum import StrEnum
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Mode(StrEnum):
    """Development has an inbox instead of providers, makes its own key, and listens on loopback only."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


class Settings(BaseSettings):
    """What can be set; `docs/settings.md` explains each."""

    model_config = SettingsConfigDict(env_prefix="OFFRAMP_", env_file=".env", extra="ignore")

    mode: Mode = Mode.DEVELOPMENT
    home: Path = Path(".offramp")
    database_url: str = ""
    origin: str = "http://localhost:8400"
    rp_id: str = ""
    service_name: str = "Example"
    secret_key: str = ""
    api_host: str = "127.0.0.1"
    api_port: int = 8400
    trusted_proxies: int = 0
    temporal_port: int = 7233
    temporal_ui_port: int = 8233
    relay_poll_seconds: float = Field(default=1.0, gt=0)
    log_format: str = ""

    @model_validator(mode="after")
    def fill_in(self) -> Self:
        """Derive what was left out from what was given."""
        self.database_url = self.database_url or f"sqlite:///{self.home.absolute() / 'offramp.db'}"
        self.rp_id = self.rp_id or urlsplit(self.origin).hostname or ""
        self.log_format = self.log_format or ("console" if self.mode is Mode.DEVELOPMENT else "json")
        return self

    @property
    def is_development(self) -> bool:
        """Whether this is the embedded default, on loopback, for trying things out."""
        return self.mode is Mode.DEVELOPMENT
