"""Security events of CAEP and RISC (RFC 8417, 8935, 9493): which there are, whom they mean, and why one is refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from domain.errors import OfframpError, Refused
from domain.facts import Channel

OLDEST_SET = timedelta(days=30)
"""How long ago a token may have been issued. It is shorter than its id is remembered: none counts twice."""


class SecurityEventKind(StrEnum):
    """What a transmitter can tell that is heeded here."""

    CREDENTIAL_CHANGE = "credential-change"
    IDENTIFIER_CHANGED = "identifier-changed"
    IDENTIFIER_RECYCLED = "identifier-recycled"
    SESSIONS_REVOKED = "sessions-revoked"


_CAEP = "https://schemas.openid.net/secevent/caep/event-type"
_RISC = "https://schemas.openid.net/secevent/risc/event-type"

EVENT_TYPES: Mapping[str, SecurityEventKind] = {
    f"{_CAEP}/credential-change": SecurityEventKind.CREDENTIAL_CHANGE,
    f"{_CAEP}/session-revoked": SecurityEventKind.SESSIONS_REVOKED,
    f"{_RISC}/sessions-revoked": SecurityEventKind.SESSIONS_REVOKED,
    f"{_RISC}/identifier-changed": SecurityEventKind.IDENTIFIER_CHANGED,
    f"{_RISC}/identifier-recycled": SecurityEventKind.IDENTIFIER_RECYCLED,
}
"""The event types by their URIs. CAEP's name of one session is that of all here: which one it was, nobody can tell."""

TEXT_CREDENTIALS = frozenset({"phone-sms", "phone-voice"})
"""Credentials of CAEP that are a phone number: after a change, the SIM is in doubt."""


class SetError(StrEnum):
    """Why a token is refused, in the words of RFC 8935 (2.4)."""

    INVALID_REQUEST = "invalid_request"
    INVALID_KEY = "invalid_key"
    INVALID_ISSUER = "invalid_issuer"
    INVALID_AUDIENCE = "invalid_audience"


class SetRefused(Refused):
    """A security event token that is not taken; `description` is for the transmitter, and repeats nothing of it."""

    def __init__(self, error: SetError, description: str) -> None:
        super().__init__(f"{error}: {description}")
        self.error = error
        self.description = description


class KeysAway(OfframpError):
    """The keys of an issuer cannot be had now, so nobody can say whether a token holds; it may come again later.

    `retry_after` is when it is worth another attempt.
    """

    def __init__(self, issuer: str, retry_after: timedelta) -> None:
        super().__init__(f"the keys of {issuer} are not to be had now")
        self.issuer = issuer
        self.retry_after = retry_after


@dataclass(frozen=True, kw_only=True)
class EventSubject:
    """Whom an event is about: an account by the host's id, or whoever has a contact."""

    external_id: str | None = None
    channel: Channel | None = None
    contact: str | None = None


@dataclass(frozen=True, kw_only=True)
class SecurityEvent:
    """One event whose signature, issuer and audience hold. `kind` is None if nothing follows from its type here.

    `said_at` is when the token was issued, `at` when the event happened; neither lies in the future.
    """

    issuer: str
    token_id: str
    kind: SecurityEventKind | None
    subject: EventSubject
    said_at: datetime
    at: datetime
    detail: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Transmission:
    """What a transmitter's tokens are checked by: `keys` is a JSON Web Key Set, or `keys_url` is where it lies."""

    issuer: str
    audience: str
    keys: Mapping[str, Any] | None
    keys_url: str | None
