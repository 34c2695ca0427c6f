"""SendGrid's event webhook: verified by SendGrid's own validator, and put into Offramp's words."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sendgrid.helpers.eventwebhook import EventWebhook

from domain.errors import BadSignature
from domain.messages.callbacks import ProviderEvent
from domain.messages.messages import Fate

MESSAGE_KEY = "message_key"
"""The custom argument that carries a message's key to SendGrid, and back with every event."""

OLDEST = timedelta(hours=25)
"""A batch that was signed longer ago is refused, so that nobody can play it back.

SendGrid repeats a batch for 24 hours after its events, and does not say whether it signs each repetition anew. So
nothing younger than that is refused.
"""

_RESUMING = "group_resubscribe"
_MOST_PARTS = 8
_LONGEST_ADDRESS = 320
_ID = re.compile(r"[\w.-]{1,200}", re.ASCII)

_PLAIN = {
    "delivered": Fate.DELIVERED,
    "spamreport": Fate.SPAM_REPORTED,
    "unsubscribe": Fate.UNSUBSCRIBED,
    "group_unsubscribe": Fate.UNSUBSCRIBED,
}

# SendGrid drops e-mails that would not arrive, and says why. Its documentation names these beginnings of the reasons.
_DROPS = {
    "unsubscribed": Fate.UNSUBSCRIBED,
    "spam report": Fate.SPAM_REPORTED,
    "bounced": Fate.UNDELIVERABLE,
    "invalid smtpapi": Fate.BLOCKED,
    "invalid": Fate.UNDELIVERABLE,
}


class SendGridEvents:
    """Reads what SendGrid posts. `public_key` is the verification key of its signed event webhook."""

    def __init__(self, public_key: str) -> None:
        """Raises ValueError if `public_key` is no such key."""
        self._webhook = EventWebhook(public_key.strip())

    def read(self, *, body: bytes, signature: str, timestamp: str, now: datetime) -> list[ProviderEvent]:
        """The events in a raw body, signed together with the timestamp of its header.

        Raises BadSignature, also for a batch that was signed longer ago than OLDEST. Events that cannot be read come
        back without key and fate.
        """
        if not self._signed(body, signature, timestamp):
            raise BadSignature("wrong_signature")
        try:
            told_at = datetime.fromtimestamp(int(timestamp), UTC)
            events = json.loads(body)
        except (ValueError, OverflowError, OSError, RecursionError):
            raise BadSignature("not_readable") from None
        if told_at < now - OLDEST:
            raise BadSignature("too_old")
        if not isinstance(events, list):
            raise BadSignature("not_a_list")
        return [_event(event if isinstance(event, dict) else {}, told_at) for event in events]

    def _signed(self, body: bytes, signature: str, timestamp: str) -> bool:
        try:
            return bool(self._webhook.verify_signature(body.decode(), signature, timestamp))
        except ValueError:  # a body that is no text, a signature that is no base64
            return False


def _event(event: Mapping[str, Any], told_at: datetime) -> ProviderEvent:
    key = event.get(MESSAGE_KEY)
    fate, reason = _meaning(event)
    return ProviderEvent(
        key=key if isinstance(key, str) and key else None,
        fate=fate,
        reason=reason,
        at=_time(event.get("timestamp"), told_at),
        provider_ids=(*_ids(event.get("sg_message_id")), *_ids(event.get("smtp-id"))),
        address=_address(event.get("email")),
        resumes=event.get("event") == _RESUMING,
    )


def _ids(named: object) -> tuple[str, ...]:
    """What the id may have been when SendGrid took the message: it has added words to it since, after a dot or an @."""
    first = named.strip("<> ").partition("@")[0] if isinstance(named, str) else ""
    if not _ID.fullmatch(first):
        return ()
    parts = first.split(".")[:_MOST_PARTS]
    return tuple(".".join(parts[: count + 1]) for count in range(len(parts)))


def _address(email: object) -> str | None:
    """The address, if it can be looked for in any database."""
    return (
        email if isinstance(email, str) and email.isprintable() and len(email) <= _LONGEST_ADDRESS else None
    )


def _meaning(event: Mapping[str, Any]) -> tuple[Fate | None, str]:
    name, why = str(event.get("event", "")), str(event.get("reason", "")).lower()
    if name == "bounce":
        fate = Fate.BLOCKED if event.get("type") == "blocked" else Fate.BOUNCED
        return fate, _with_code("blocked" if fate is Fate.BLOCKED else "bounce", event)
    if name == "dropped":
        cause = next((cause for words, cause in _DROPS.items() if why.startswith(words)), Fate.BLOCKED)
        return cause, f"dropped_{cause}"
    plain_fate = _PLAIN.get(name)
    return plain_fate, name if plain_fate else "nothing_new"


def _with_code(word: str, event: Mapping[str, Any]) -> str:
    """The word with the mail server's code; its text may repeat the address, and is left out."""
    for text in (event.get("reason"), event.get("status")):
        if code := re.match(r"\s*(\d\d\d|\d\.\d{1,3}\.\d{1,3})\b", str(text or "")):
            return f"{word}_{code[1]}"
    return word


def _time(timestamp: object, otherwise: datetime) -> datetime:
    try:
        return (
            datetime.fromtimestamp(float(timestamp), UTC) if isinstance(timestamp, int | float) else otherwise
        )
    except (ValueError, OverflowError, OSError):
        return otherwise
