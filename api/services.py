"""What the routes need from outside, handed to the application when it is made."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from domain.ports import Clock, Seal
from providers.inbox import Inbox
from providers.passkeys import PasskeyVerifier
from store import Database


@dataclass(frozen=True, kw_only=True)
class Readiness:
    """Whether one thing that Offramp depends on is ready, and if not, why."""

    name: str
    ready: bool
    detail: str = ""


@dataclass(frozen=True, kw_only=True)
class Site:
    """Where and as what this Offramp is reached."""

    origin: str
    service_name: str
    secure: bool
    trusted_proxies: int = 0


@dataclass(frozen=True, kw_only=True)
class Services:
    """Everything that a route may use. `inbox` is there in development only."""

    database: Database
    clock: Clock
    site: Site
    pepper: bytes
    seal: Seal
    passkeys: PasskeyVerifier
    readiness: Callable[[], list[Readiness]]
    inbox: Inbox | None = None


def _services(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


Use = Annotated[Services, Depends(_services)]
"""The services, as an argument of a route."""
