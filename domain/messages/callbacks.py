"""What a provider tells: of a message that it took, or of a text that came back; its signature was right."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from domain.messages.messages import Fate


@dataclass(frozen=True, kw_only=True)
class ProviderEvent:
    """One thing that happened to a message. Providers repeat events, and send them in any order.

    `key` is the message's, as it was sent (`domain.messages.sent_names`); None when the event names no message of ours.
    Then `provider_ids` are the ids by which the provider may have taken it, and `address` is where it went, as far as
    the event says so. `fate` is None when the event says nothing new, for example that the message was queued or
    opened. `reason` is a short word or code, like `twilio_30003`. `resumes`: the person wants reminders again.
    """

    key: str | None
    fate: Fate | None
    reason: str
    at: datetime
    provider_ids: tuple[str, ...] = ()
    address: str | None = field(default=None, repr=False)
    resumes: bool = False


class TextWish(StrEnum):
    """What a person answers to a text, in a word that every provider of texts obeys by itself."""

    STOP = "stop"
    START = "start"


@dataclass(frozen=True, kw_only=True)
class TextReply:
    """A person's answer by text. `closes_codes`: STOP keeps codes away, too, because they have the same sender."""

    phone: str = field(repr=False)
    wish: TextWish
    closes_codes: bool
    at: datetime
