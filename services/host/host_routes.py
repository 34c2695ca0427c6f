"""Takes events about routes that live with the host; an instance that runs the ceremonies itself ignores them."""

from datetime import datetime

from domain.host.ceremonies import concerns
from domain.host.events import EventOutcome, HostEvent, HostEventKind
from services.host import host_codes, host_passkeys
from services.host.handlers import Handler
from store import Session
from store.people import host_routes
from store.people.accounts import Account

ROUTE_HANDLERS: dict[HostEventKind, Handler] = {
    HostEventKind.PASSKEY_BOUND: host_passkeys.bound,
    HostEventKind.PASSKEY_USED: host_passkeys.used,
    HostEventKind.PASSKEY_REMOVED: host_passkeys.removed,
    HostEventKind.RECOVERY_CODES_MADE: host_codes.made,
    HostEventKind.RECOVERY_CODES_PROVEN: host_codes.proven,
    HostEventKind.RECOVERY_CODES_USED: host_codes.used,
}


def take(session: Session, account: Account, event: HostEvent, *, now: datetime) -> EventOutcome:
    """Take one event of a kind that is in `ROUTE_HANDLERS`. The account is locked by the caller."""
    if not concerns(event.kind, host_routes.ceremonies(session)):
        return EventOutcome.IGNORED
    return ROUTE_HANDLERS[event.kind](session, account, event, now=now)
