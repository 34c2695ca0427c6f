"""What a host tells: one event each, as CloudEvents 1.0 in batches."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from itertools import islice
from typing import Any
from uuid import uuid4

import httpx

from offramp_client.calls import Call, as_json
from offramp_client.moments import written

BATCH = "application/cloudevents-batch+json"
LARGEST_BATCH = 100


class EventType(StrEnum):
    """Everything that a host can tell of an account."""

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


@dataclass(frozen=True, kw_only=True)
class Event:
    """One thing that happened at the host: at its own time, and with an id by which it counts once.

    An event that is kept and sent again later keeps its id; give one that the host's own database keeps.
    """

    type: EventType
    external_id: str
    data: Mapping[str, Any] = field(default_factory=dict)
    at: datetime = field(default_factory=lambda: datetime.now(UTC))
    event_id: str = field(default_factory=lambda: str(uuid4()))

    def body(self, source: str) -> dict[str, Any]:
        """The event as a CloudEvent from a source."""
        return {
            "specversion": "1.0",
            "id": self.event_id,
            "source": source,
            "type": EventType(self.type),
            "subject": self.external_id,
            "time": written(self.at),
            "datacontenttype": "application/json",
            "data": dict(self.data),
        }


@dataclass(frozen=True, kw_only=True)
class EventAnswer:
    """What became of an event: `heeded`, `overtaken` or `ignored`, and `reason` says why if there is more to say.

    Without an outcome it was refused, and may be told again once it is mended. `is_repeated`: it was taken before.
    `case_url`: after a word of a ticket, the person's case, for the ticket to lead to.
    """

    event_id: str | None
    outcome: str | None
    reason: str | None = None
    is_repeated: bool = False
    case_url: str | None = None

    @property
    def is_refused(self) -> bool:
        """Whether Offramp did not take the event."""
        return self.outcome is None


def telling(events: Sequence[Event], *, source: str) -> Call[tuple[EventAnswer, ...]]:
    """Tell at most `LARGEST_BATCH` events at once."""
    return Call(
        method="POST",
        path="/v1/events",
        body=as_json([event.body(source) for event in events]),
        media_type=BATCH,
        read=_answers,
    )


def batches(events: Iterable[Event]) -> Iterator[tuple[Event, ...]]:
    """Events in parts that fit into one request."""
    rest = iter(events)
    while batch := tuple(islice(rest, LARGEST_BATCH)):
        yield batch


def _answers(response: httpx.Response) -> tuple[EventAnswer, ...]:
    return tuple(
        EventAnswer(
            event_id=said["id"],
            outcome=said["outcome"],
            reason=said["reason"],
            is_repeated=said["repeated"],
            case_url=said.get("case_url"),
        )
        for said in response.json()["events"]
    )
