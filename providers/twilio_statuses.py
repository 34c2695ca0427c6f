"""Twilio's callbacks about texts and answers: verified by its own validator, and put into Offramp's words."""

import re
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import parse_qs, quote, urlsplit

from twilio.request_validator import RequestValidator

from domain.errors import BadSignature
from domain.messages.callbacks import ProviderEvent, TextReply, TextWish
from domain.messages.messages import Fate
from providers.twilio_errors import fate_of

_MESSAGE = "message"
_WISHES = {"STOP": TextWish.STOP, "START": TextWish.START}
_STOPPING = {"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"}
_STARTING = {"START", "UNSTOP", "YES"}
_E164 = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)

_DELIVERED = ("delivered", "read")
_FAILED = ("failed", "undelivered")


def callback_url(origin: str, key: str) -> str:
    """Where Twilio posts what became of a message; its signature covers the key."""
    return f"{origin}/callbacks/twilio?{_MESSAGE}={quote(key, safe='')}"


class TwilioStatuses:
    """Reads what Twilio posts. `auth_token` is the account's; `codes_go_elsewhere`: codes go by Verify."""

    def __init__(self, auth_token: str, *, codes_go_elsewhere: bool = False) -> None:
        self._validator = RequestValidator(auth_token)
        self._codes_go_elsewhere = codes_go_elsewhere

    def read(self, *, url: str, fields: Mapping[str, str], signature: str, now: datetime) -> ProviderEvent:
        """The event in the fields of a form that was posted to exactly this public URL. Raises BadSignature."""
        self._require_signed(url, fields, signature)
        key = parse_qs(urlsplit(url).query).get(_MESSAGE, [""])[0]
        fate, reason = self._meaning(fields)
        return ProviderEvent(key=key or None, fate=fate, reason=reason, at=now)

    def read_reply(
        self, *, url: str, fields: Mapping[str, str], signature: str, now: datetime
    ) -> TextReply | None:
        """What a person has answered by text, of the words that stop texts and start them again; None for other words.

        Raises BadSignature.
        """
        self._require_signed(url, fields, signature)
        wish = _wish(fields)
        phone = fields.get("From", "")
        if wish is None or not _E164.fullmatch(phone):
            return None
        return TextReply(phone=phone, wish=wish, closes_codes=not self._codes_go_elsewhere, at=now)

    def _require_signed(self, url: str, fields: Mapping[str, str], signature: str) -> None:
        try:
            is_signed = bool(self._validator.validate(url, fields, signature))
        except (ValueError, TypeError):  # a text that is no URL, a file where a field should be
            is_signed = False
        if not is_signed:
            raise BadSignature("wrong_signature")

    def _meaning(self, fields: Mapping[str, str]) -> tuple[Fate | None, str]:
        status, code = fields.get("MessageStatus", ""), fields.get("ErrorCode", "")
        if status in _DELIVERED:
            return Fate.DELIVERED, "delivered"
        if status not in _FAILED:
            return None, "nothing_new"
        if not (code.isascii() and code.isdigit() and len(code) <= 6):
            return Fate.BLOCKED, f"twilio_{status}"
        fate = fate_of(int(code), codes_go_elsewhere=self._codes_go_elsewhere)
        return fate or Fate.BLOCKED, f"twilio_{code}"


def _wish(fields: Mapping[str, str]) -> TextWish | None:
    """What Twilio itself makes of a text: it says so where keywords are configured, and else has its own list.

    Only a text of one such word counts: STOP PLEASE stops nothing.
    """
    if said := fields.get("OptOutType"):
        return _WISHES.get(said.strip().upper())
    word = fields.get("Body", "").strip().upper()
    if word in _STOPPING:
        return TextWish.STOP
    return TextWish.START if word in _STARTING else None
