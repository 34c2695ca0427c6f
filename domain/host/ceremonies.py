"""Where people's passkeys live: with Offramp, whose pages run the ceremonies, or with the host, which tells of them."""

from enum import StrEnum

from domain.host.events import HostEventKind


class Ceremonies(StrEnum):
    """Who runs the ceremonies of one instance; `docs/orchestrated.md` tells what follows.

    `hosted`: Offramp's pages do. `orchestrated`: the host's own pages do, and Offramp hears of them by events alone.
    """

    HOSTED = "hosted"
    ORCHESTRATED = "orchestrated"


ROUTE_EVENTS = frozenset(
    {
        HostEventKind.PASSKEY_BOUND,
        HostEventKind.PASSKEY_USED,
        HostEventKind.PASSKEY_REMOVED,
        HostEventKind.RECOVERY_CODES_MADE,
        HostEventKind.RECOVERY_CODES_PROVEN,
        HostEventKind.RECOVERY_CODES_USED,
    }
)
"""The events that tell of routes that live with the host."""


def concerns(kind: HostEventKind, ceremonies: Ceremonies) -> bool:
    """Whether an instance heeds a kind of event: one that runs the ceremonies itself believes no other passkeys."""
    return ceremonies is Ceremonies.ORCHESTRATED or kind not in ROUTE_EVENTS
