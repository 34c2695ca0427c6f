"""The key of a request, as an argument of a route: which host's program calls, and whether it may.

A route that takes `Annotated[KeyHolder, Depends(require(KeyScope.X))]` answers only keys that have that scope.
"""

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Request

from api.web.arguments import Use
from api.web.client_addresses import client_address
from domain.errors import Throttled
from domain.host.keys import KeyHolder, KeyScope
from services.container import Services
from services.host import key_limits, keys


class NoHostKey(Exception):
    """The request brings no key, or one that works no more."""


class ScopeMissing(Exception):
    """The key works, but is not for this."""

    def __init__(self, scope: KeyScope) -> None:
        super().__init__(scope)
        self.scope = scope


def recognise(request: Request, services: Services) -> KeyHolder:
    """Whose request it is, asked once for each request. Raises NoHostKey, and Throttled beyond the key's limit."""
    holder: KeyHolder | None = getattr(request.state, "key_holder", None)
    if holder is None:
        holder = _holder(request, services)
        request.state.key_holder = holder
    return holder


def _holder(request: Request, services: Services) -> KeyHolder:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise NoHostKey
    now = services.clock()
    address = client_address(request, services.site)
    holder = keys.recognise(services.database, token.strip(), address=address, now=now)
    if holder is None:
        raise NoHostKey
    retry_after = key_limits.of(services).take(holder, now=now)
    if retry_after:
        raise Throttled(retry_after=retry_after)
    return holder


def require(scope: KeyScope) -> Callable[..., KeyHolder]:
    """A dependency of routes: the request's key has this scope, or NoHostKey or ScopeMissing is raised."""

    def allowed(request: Request, services: Use) -> KeyHolder:
        return require_now(request, services, scope)

    return allowed


def require_now(request: Request, services: Services, scope: KeyScope) -> KeyHolder:
    """The same within a route, whose thread then looks the key up itself: for the one that logins wait for."""
    holder = recognise(request, services)
    if not holder.may(scope):
        raise ScopeMissing(scope)
    return holder


def _any(request: Request, services: Use) -> KeyHolder:
    return recognise(request, services)


AnyKey = Annotated[KeyHolder, Depends(_any)]
"""A key with any scope."""

ReadsAccounts = Annotated[KeyHolder, Depends(require(KeyScope.ACCOUNTS_READ))]
WritesAccounts = Annotated[KeyHolder, Depends(require(KeyScope.ACCOUNTS_WRITE))]
TellsEvents = Annotated[KeyHolder, Depends(require(KeyScope.EVENTS_WRITE))]
AsksPrompts = Annotated[KeyHolder, Depends(require(KeyScope.PROMPTS_WRITE))]
VouchesForPeople = Annotated[KeyHolder, Depends(require(KeyScope.RECOVERIES_WRITE))]
ProvisionsByScim = Annotated[KeyHolder, Depends(require(KeyScope.SCIM_WRITE))]
"""Keys with a scope, as arguments of routes."""
