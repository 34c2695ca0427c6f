"""What a provider tells of a message after it took it, once its callback is proven to be the provider's."""

from dataclasses import dataclass
from datetime import datetime

from domain.messages.messages import Fate


@dataclass(frozen=True, kw_only=True)
class ProviderEvent:
    """One thing that happened to a message. Providers repeat themselves, and tell in any order.

    `key` is the message's; None when the event names no message of ours. `fate` is None when the event says nothing
    new, as that the message was queued or opened. `reason` is a short word or code, like `twilio_30003`.
    """

    key: str | None
    fate: Fate | None
    reason: str
    at: datetime
