"""The ways into an account that are known to work, and the rule that one always stays."""

from dataclasses import replace
from enum import StrEnum

from domain.errors import LastRoute
from domain.facts import Facts, SmsState


class Route(StrEnum):
    """A way to sign in."""

    SMS = "sms"
    PASSKEY = "passkey"
    RECOVERY_CODE = "recovery_code"
    AUTHENTICATOR_APP = "authenticator_app"


def proven_routes(facts: Facts) -> frozenset[Route]:
    """The routes that work today.

    SMS while it is on, the number is the account's alone, and its owner has not answered STOP; passkeys that have
    signed in; recovery codes once one of them was typed back; authenticator apps that have shown a code.
    """
    reaches_owner = not (facts.phone_shared or facts.phone_missing or facts.texts_stopped)
    readiness = {
        Route.SMS: facts.sms in (SmsState.ON, SmsState.NOTICE) and reaches_owner,
        Route.PASSKEY: facts.proven_passkeys > 0,
        Route.RECOVERY_CODE: facts.recovery_codes_proven and facts.recovery_codes_left > 0,
        Route.AUTHENTICATOR_APP: facts.authenticator_apps > 0,
    }
    return frozenset(route for route, works in readiness.items() if works)


def routes_without_passkey(facts: Facts) -> frozenset[Route]:
    """The routes that remain without one of the proven passkeys."""
    return proven_routes(replace(facts, proven_passkeys=facts.proven_passkeys - 1))


def require_route_without_passkey(facts: Facts, *, proven: bool) -> None:
    """Raise LastRoute if removing one passkey, proven or not, leaves no proven way in that lasts.

    Recovery codes are used up one by one. They are enough after a loss, but not for giving up a passkey at will.
    """
    remaining_passkeys = facts.proven_passkeys - (1 if proven else 0)
    if remaining_passkeys > 0 or proven_routes(facts) & {Route.SMS, Route.AUTHENTICATOR_APP}:
        return
    raise _last_route()


def require_route_without_app(facts: Facts) -> None:
    """Raise LastRoute if removing one working authenticator app leaves no proven way in that lasts."""
    if facts.authenticator_apps > 1 or proven_routes(facts) & {Route.SMS, Route.PASSKEY}:
        return
    raise _last_route()


def _last_route() -> LastRoute:
    return LastRoute("this is the last way into the account that is known to work")
