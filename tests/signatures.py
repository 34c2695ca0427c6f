"""Signs callbacks as the providers do, with keys of the tests' own."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from providers.twilio_statuses import callback_url
from tests.providers.standins.callbacks import SendGridSigner, twilio_signature


def sendgrid_headers(signer: SendGridSigner, body: bytes, *, at: datetime) -> dict[str, str]:
    """The headers that SendGrid sends with a body at some time."""
    return {name.lower(): said for name, said in signer.headers(body, str(int(at.timestamp()))).items()}


def sendgrid_event(key: str | None, event: str, *, at: datetime, **more: Any) -> dict[str, Any]:
    """One event as SendGrid tells of it; without a key it is about a message of somebody else's."""
    fields = {
        "email": "ada@example.org",
        "event": event,
        "timestamp": int(at.timestamp()),
        "sg_event_id": "e1",
    }
    return fields | ({"message_key": key} if key is not None else {}) | more


def batch(*events: dict[str, Any]) -> bytes:
    """The body that tells of some events."""
    return json.dumps(events).encode()


@dataclass(frozen=True, kw_only=True)
class TwilioPost:
    """One status callback: where it goes, what it says, and the signature."""

    url: str
    body: bytes
    headers: dict[str, str]


def twilio_post(key: str, *, origin: str, auth_token: str, **fields: str) -> TwilioPost:
    """What Twilio posts about a message, signed for the public URL."""
    url = callback_url(origin, key)
    said = {"MessageSid": "SM1", "To": "+4915112345678", "RawDlrDoneDate": "", **fields}
    signature = twilio_signature(url, said, auth_token)
    return TwilioPost(
        url=url,
        body=urlencode(said).encode(),
        headers={"content-type": "application/x-www-form-urlencoded", "x-twilio-signature": signature},
    )
