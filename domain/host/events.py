"""What a host tells: every kind of event, and one event as it came, whatever it was wrapped in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class HostEventKind(StrEnum):
    """Everything that a host can tell of an account; the value is the `type` of its CloudEvent."""

    USER_SIGNED_IN = "user.signed_in"
    USER_UPDATED = "user.updated"
    USER_DELETED = "user.deleted"
    SUPPORT_CONTACTED = "support.contacted"
    TICKET_OPENED = "ticket.opened"
    TICKET_CLOSED = "ticket.closed"
    PASSKEY_BOUND = "passkey.bound"
    PASSKEY_USED = "passkey.used"
    PASSKEY_REMOVED = "passkey.removed"
    RECOVERY_CODES_MADE = "recovery_codes.made"
    RECOVERY_CODES_PROVEN = "recovery_codes.proven"
    RECOVERY_CODES_USED = "recovery_codes.used"
    EMAIL_VERIFIED = "email.verified"
    PHONE_CHANGED = "phone.changed"
    SMS_SUSPENDED = "sms.suspended"
    SMS_RESTORED = "sms.restored"
    SMS_REMOVED = "sms.removed"
    SMS_REFUSED = "sms.refused"


TICKETS = frozenset({HostEventKind.TICKET_OPENED, HostEventKind.TICKET_CLOSED})
"""Kinds that tell of a ticket: their answer says where the person's case is."""


class EventOutcome(StrEnum):
    """What became of an event. Every outcome is kept with the event; none is an error."""

    HEEDED = "heeded"
    OVERTAKEN = "overtaken"
    """Something later was known already, so the event changed nothing."""
    IGNORED = "ignored"
    """It does not concern this way of working, or this account."""


@dataclass(frozen=True, kw_only=True)
class HostEvent:
    """One event: `source` and `event_id` name it for ever, `at` is when it happened at the host, by the host's clock.

    `data` is what the kind needs, already checked: `services/host/event_bodies.py` has a shape for each kind.
    """

    source: str
    event_id: str
    kind: HostEventKind
    external_id: str
    at: datetime
    data: Mapping[str, Any] = field(default_factory=dict)
