"""Twilio's status callbacks: verified by Twilio's own validator, and put into Offramp's words."""

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import parse_qs, quote, urlsplit

from twilio.request_validator import RequestValidator

from domain.errors import BadSignature
from domain.messages.callbacks import ProviderEvent
from domain.messages.messages import Fate
from providers.twilio_errors import FATES

_MESSAGE = "message"
_DELIVERED = ("delivered", "read")
_FAILED = ("failed", "undelivered")


def callback_url(origin: str, key: str) -> str:
    """Where Twilio posts what became of a message; its signature covers the key."""
    return f"{origin}/callbacks/twilio?{_MESSAGE}={quote(key, safe='')}"


class TwilioStatuses:
    """Reads what Twilio posts. `auth_token` is the account's."""

    def __init__(self, auth_token: str) -> None:
        self._validator = RequestValidator(auth_token)

    def read(self, *, url: str, fields: Mapping[str, str], signature: str, now: datetime) -> ProviderEvent:
        """The event in the fields of a form that was posted to exactly this public URL. Raises BadSignature."""
        if not self._signed(url, fields, signature):
            raise BadSignature("wrong_signature")
        key = parse_qs(urlsplit(url).query).get(_MESSAGE, [""])[0]
        fate, reason = _meaning(fields)
        return ProviderEvent(key=key or None, fate=fate, reason=reason, at=now)

    def _signed(self, url: str, fields: Mapping[str, str], signature: str) -> bool:
        try:
            return bool(self._validator.validate(url, fields, signature))
        except (ValueError, TypeError):  # a text that is no URL, a file where a field should be
            return False


def _meaning(fields: Mapping[str, str]) -> tuple[Fate | None, str]:
    status, code = fields.get("MessageStatus", ""), fields.get("ErrorCode", "")
    if status in _DELIVERED:
        return Fate.DELIVERED, "delivered"
    if status not in _FAILED:
        return None, "nothing_new"
    if not (code.isascii() and code.isdigit() and len(code) <= 6):
        return Fate.BLOCKED, f"twilio_{status}"
    return FATES.get(int(code), Fate.BLOCKED), f"twilio_{code}"
