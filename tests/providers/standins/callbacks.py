"""Callbacks as the providers send them: signed by their own rules."""

import base64
import json
import time
import urllib.request
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from twilio.request_validator import RequestValidator

from tests.providers.standins.taken import Taken
from tests.providers.standins.twilio import TWILIO_TOKEN

SIGNATURE = "X-Twilio-Email-Event-Webhook-Signature"
TIMESTAMP = "X-Twilio-Email-Event-Webhook-Timestamp"


class SendGridSigner:
    """Signs event webhooks with a key pair of its own; `public_key` is what SendGrid shows in its settings."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())

    @property
    def public_key(self) -> str:
        spki = self._key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return base64.b64encode(spki).decode()

    def sign(self, body: bytes, timestamp: str) -> str:
        """The signature of a timestamp and a raw body."""
        signed = self._key.sign(timestamp.encode() + body, ec.ECDSA(hashes.SHA256()))
        return base64.b64encode(signed).decode()

    def headers(self, body: bytes, timestamp: str | None = None) -> dict[str, str]:
        """The headers of a request with that body."""
        at = timestamp or str(int(time.time()))
        return {"Content-Type": "application/json", SIGNATURE: self.sign(body, at), TIMESTAMP: at}


def sendgrid_event(event: str, key: str, **fields: Any) -> dict[str, Any]:
    """One event as SendGrid words it."""
    return {
        "event": event,
        "email": "someone@example.com",
        "timestamp": int(time.time()),
        "sg_event_id": uuid.uuid4().hex,
        "message_key": key,
        **fields,
    }


def tell_sendgrid_events(url: str, signer: SendGridSigner, events: list[dict[str, Any]]) -> int:
    """Post events, signed; returns the status of the answer."""
    body = json.dumps(events).encode()
    return _post(url, body, signer.headers(body))


def twilio_signature(url: str, fields: dict[str, str], token: str = TWILIO_TOKEN) -> str:
    """Twilio's signature of a form posted to a URL."""
    return str(RequestValidator(token).compute_signature(url, fields))


def tell_twilio_status(url: str, status: str, *, error: int | None = None) -> int:
    """Post a message's status to its callback URL, signed; returns the status of the answer."""
    fields = {"MessageSid": f"SM{uuid.uuid4().hex}", "MessageStatus": status}
    if error is not None:
        fields["ErrorCode"] = str(error)
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Twilio-Signature": twilio_signature(url, fields),
    }
    return _post(url, urlencode(fields).encode(), headers)


class Teller:
    """Tells at once that all was delivered: e-mails to a webhook, text messages to each one's own callback."""

    def __init__(self, signer: SendGridSigner, events_url: str | None = None) -> None:
        self._signer = signer
        self._events_url = events_url
        self._threads = ThreadPoolExecutor(4)

    def tell(self, taken: Taken) -> None:
        self._threads.submit(self._tell, taken)

    def _tell(self, taken: Taken) -> None:
        callback = taken.fields.get("StatusCallback")
        if callback:
            tell_twilio_status(callback, "delivered")
        elif taken.provider == "sendgrid" and self._events_url:
            tell_sendgrid_events(self._events_url, self._signer, [sendgrid_event("delivered", taken.key)])


def _post(url: str, body: bytes, headers: dict[str, str]) -> int:
    request = urllib.request.Request(url, data=body, headers=headers, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return int(answer.status)
    except HTTPError as refusal:
        with refusal:
            return refusal.code
