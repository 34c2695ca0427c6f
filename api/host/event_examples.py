"""What the API's description says of the bodies that bring events; the tests send its examples."""

from typing import Any

from providers.cloud_events import BATCH, STRUCTURED

SIGNED_IN: dict[str, Any] = {
    "specversion": "1.0",
    "id": "3f1c2a4e-0001",
    "source": "https://login.example.com",
    "type": "user.signed_in",
    "subject": "customer-1",
    "time": "2026-03-02T11:58:00Z",
    "datacontenttype": "application/json",
    "data": {
        "method": "sms",
        "duration_ms": 21500,
        "device": {"can_passkey": True, "kind": "phone"},
        "risk": "low",
    },
}

TICKET: dict[str, Any] = {
    "specversion": "1.0",
    "id": "3f1c2a4e-0002",
    "source": "https://desk.example.com",
    "type": "ticket.opened",
    "subject": "customer-2",
    "time": "2026-03-02T11:59:00+01:00",
    "data": {"ticket_id": "T-2041"},
}

_EVENT: dict[str, Any] = {
    "type": "object",
    "description": "One CloudEvent in JSON. `data` depends on `type`: the guide to events has a table of both.",
    "required": ["specversion", "id", "source", "type", "subject", "time"],
    "properties": {
        "specversion": {"type": "string", "const": "1.0"},
        "id": {
            "type": "string",
            "minLength": 1,
            "maxLength": 255,
            "description": "With `source`, names the event.",
        },
        "source": {
            "type": "string",
            "minLength": 1,
            "maxLength": 255,
            "description": "Which system tells it.",
        },
        "type": {"type": "string", "description": "What happened."},
        "subject": {
            "type": "string",
            "minLength": 1,
            "maxLength": 255,
            "description": "The account's external id.",
        },
        "time": {
            "type": "string",
            "format": "date-time",
            "description": "When it happened, by the host's clock.",
        },
        "datacontenttype": {"type": "string", "description": "`application/json`, or left out."},
        "data": {"type": "object", "description": "What the type needs."},
    },
}

_IN_A_BATCH: dict[str, Any] = {
    "description": "As in structured mode. One that is not as it should be is refused by itself, with its reason."
}

REQUEST_BODY: dict[str, Any] = {
    "required": True,
    "description": "A CloudEvent in structured mode, or a batch of up to 100. In binary mode the attributes are "
    "headers like `ce-id`, and the body is `data`.",
    "content": {
        STRUCTURED: {"schema": _EVENT, "example": SIGNED_IN},
        BATCH: {
            "schema": {"type": "array", "items": _IN_A_BATCH, "maxItems": 100},
            "example": [SIGNED_IN, TICKET],
        },
        "application/json": {
            "schema": {"type": "object", "description": "`data`, in binary mode."},
            "example": SIGNED_IN["data"],
        },
    },
}
"""The request of `POST /v1/events`."""
