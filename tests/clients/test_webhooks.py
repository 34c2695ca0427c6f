"""Webhooks: what Offramp signed is read, and nothing else is believed."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from standardwebhooks import Webhook

from offramp_client import NotGenuine, WebhookReceiver

SECRET = "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER = "whsec_" + "AAAA9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
SUSPEND = {
    "type": "sms.suspend",
    "timestamp": "2026-11-29T10:00:00Z",
    "data": {
        "external_id": "42",
        "account_id": "0199",
        "version": 7,
        "change": "suspend",
        "request_id": "r-1",
        "deadline": "2026-11-30T10:00:00Z",
    },
}


def signed(body: bytes, *, secret: str = SECRET, at: datetime | None = None) -> dict[str, str]:
    """The headers of a webhook."""
    at = at or datetime.now(UTC)
    return {
        "Webhook-Id": "m-1",
        "Webhook-Timestamp": str(int(at.timestamp())),
        "Webhook-Signature": Webhook(secret).sign("m-1", at, body.decode()),
    }


def written(said: Any = SUSPEND) -> bytes:
    return json.dumps(said).encode()


def test_a_request_to_the_host_is_read_with_its_deadline() -> None:
    message = WebhookReceiver(SECRET).receive(written(), signed(written()))
    assert (message.webhook_id, message.type, message.external_id, message.version) == (
        "m-1",
        "sms.suspend",
        "42",
        7,
    )
    assert message.is_sms_request
    assert message.request_id == "r-1"
    assert message.deadline == datetime(2026, 11, 30, 10, tzinfo=UTC)
    assert message.detail["change"] == "suspend"


def test_anything_else_that_happened_asks_for_nothing() -> None:
    happened = {
        **SUSPEND,
        "type": "passkey_bound",
        "data": {"external_id": "42", "account_id": "0", "version": 1},
    }
    message = WebhookReceiver(SECRET).receive(written(happened), signed(written(happened)))
    assert not message.is_sms_request
    assert message.request_id is None


def test_while_a_secret_rotates_either_is_good() -> None:
    receiver = WebhookReceiver(OTHER, SECRET)
    assert receiver.receive(written(), signed(written())).external_id == "42"
    both = signed(written())
    both["Webhook-Signature"] += " " + signed(written(), secret=OTHER)["Webhook-Signature"]
    assert WebhookReceiver(OTHER).receive(written(), both).external_id == "42"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        signed(written(), secret=OTHER),
        signed(written({**SUSPEND, "type": "sms.remove"})),
        signed(written(), at=datetime.now(UTC) - timedelta(hours=1)),
        signed(written(), at=datetime.now(UTC) + timedelta(hours=1)),
        {**signed(written()), "Webhook-Id": "m-2"},
        {**signed(written()), "Webhook-Signature": "no comma"},
        {**signed(written()), "Webhook-Signature": "v1,a,b"},
        {**signed(written()), "Webhook-Timestamp": "soon"},
    ],
    ids=["none", "other secret", "other body", "old", "early", "other id", "no comma", "commas", "no time"],
)
def test_what_is_not_signed_for_this_host_now_is_not_believed(headers: dict[str, str]) -> None:
    with pytest.raises(NotGenuine):
        WebhookReceiver(SECRET).receive(written(), headers)


@pytest.mark.parametrize("said", [[], {}, {**SUSPEND, "timestamp": None}, {**SUSPEND, "data": {}}, "text"])
def test_what_is_signed_and_no_webhook_is_not_believed(said: Any) -> None:
    with pytest.raises(NotGenuine):
        WebhookReceiver(SECRET).receive(written(said), signed(written(said)))


def test_bytes_that_are_no_text_are_not_believed() -> None:
    with pytest.raises(NotGenuine):
        WebhookReceiver(SECRET).receive(b"\xff\xfe", signed(written()))


def test_a_receiver_without_a_secret_would_believe_nobody() -> None:
    with pytest.raises(ValueError, match="secret"):
        WebhookReceiver()
