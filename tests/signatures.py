"""Signs callbacks as the providers do, with keys of the tests' own."""

import base64
import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from twilio.request_validator import RequestValidator

from providers.twilio_statuses import callback_url


@dataclass(frozen=True)
class SendGridSigner:
    """SendGrid's side of the signed event webhook."""

    _key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    @property
    def public_key(self) -> str:
        """The verification key, as SendGrid shows it."""
        shown = self._key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return base64.b64encode(shown).decode()

    def headers(self, body: bytes, *, at: datetime) -> dict[str, str]:
        """The headers that SendGrid sends with a body."""
        timestamp = str(int(at.timestamp()))
        signature = self._key.sign(timestamp.encode() + body, ec.ECDSA(hashes.SHA256()))
        return {
            "content-type": "application/json",
            "x-twilio-email-event-webhook-signature": base64.b64encode(signature).decode(),
            "x-twilio-email-event-webhook-timestamp": timestamp,
        }


def sendgrid_event(key: str | None, event: str, *, at: datetime, **more: Any) -> dict[str, Any]:
    """One event as SendGrid tells of it; without a key it is about a message of somebody else's."""
    told = {"email": "ada@example.org", "event": event, "timestamp": int(at.timestamp()), "sg_event_id": "e1"}
    return told | ({"message_key": key} if key is not None else {}) | more


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
    signature = RequestValidator(auth_token).compute_signature(url, said)
    return TwilioPost(
        url=url,
        body=urlencode(said).encode(),
        headers={"content-type": "application/x-www-form-urlencoded", "x-twilio-signature": signature},
    )
