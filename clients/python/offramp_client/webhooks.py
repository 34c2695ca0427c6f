"""What Offramp tells a host: webhooks after Standard Webhooks, verified before anything in them is believed."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError

from offramp_client.errors import NotGenuine
from offramp_client.moments import read_moment

_SMS_REQUESTS = {"sms.suspend", "sms.restore", "sms.remove"}


@dataclass(frozen=True, kw_only=True)
class Message:
    """A genuine webhook. The same `webhook_id` may come again, and means the same: do it once.

    Of two events of an account, the one with the larger `epoch` is newer, and of two with the same, that with the
    larger `version`. `request_id` and `deadline` are there if Offramp asks for something; the answer is an event that
    names the request.
    """

    webhook_id: str
    type: str
    at: datetime
    external_id: str
    account_id: str
    version: int
    epoch: int = 0
    request_id: str | None = None
    deadline: datetime | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_sms_request(self) -> bool:
        """Whether Offramp asks the host to suspend, restore or remove codes by text message."""
        return self.type in _SMS_REQUESTS


class WebhookReceiver:
    """Verifies webhooks by the secrets that `offramp webhooks create` and `rotate-secret` have shown."""

    def __init__(self, *secrets: str) -> None:
        if not secrets:
            raise ValueError("a receiver needs a secret")
        self._verifiers = [Webhook(secret) for secret in secrets]

    def receive(self, body: bytes, headers: Mapping[str, str]) -> Message:
        """Read a webhook. `body` is what came, byte by byte. Raises NotGenuine."""
        names = {name.lower(): value for name, value in headers.items()}
        if not any(_is_signed(verifier, body, names) for verifier in self._verifiers):
            raise NotGenuine("this webhook carries no signature of Offramp's that is valid now")
        try:
            return _message(names["webhook-id"], json.loads(body))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise NotGenuine(f"this is no webhook of Offramp's: {error!r}") from error


def _is_signed(verifier: Webhook, body: bytes, headers: dict[str, str]) -> bool:
    try:
        verifier.verify(body, headers, json_parse=False)
    except (
        WebhookVerificationError,
        ValueError,
    ):  # the library raises ValueError for a header of another shape
        return False
    return True


def _message(webhook_id: str, said: Mapping[str, Any]) -> Message:
    at = read_moment(said["timestamp"])
    if at is None:
        raise ValueError("there is no timestamp")
    detail = dict(said["data"])
    return Message(
        webhook_id=webhook_id,
        type=said["type"],
        at=at,
        external_id=detail.pop("external_id"),
        account_id=detail.pop("account_id"),
        version=detail.pop("version"),
        epoch=detail.pop("epoch", 0),
        request_id=detail.get("request_id"),
        deadline=read_moment(detail.get("deadline")),
        detail=detail,
    )
