"""What the activities ask of the outside world; `providers/` answers."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from domain.errors import OfframpError
from domain.facts import Channel
from domain.messages import Template


class NotHandedOver(OfframpError):
    """The provider certainly did not take the message; trying again is safe and may help."""


class NeverDeliverable(OfframpError):
    """The provider refused the message for good: an invalid number, a blocked address."""


@dataclass(frozen=True, kw_only=True)
class Letter:
    """An e-mail, ready to send."""

    key: str
    to: str
    subject: str
    text: str
    html: str


@dataclass(frozen=True, kw_only=True)
class TextMessage:
    """A text message, ready to send; `to` is E.164."""

    key: str
    to: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Wording:
    """What a template needs to become words."""

    template: Template
    channel: Channel
    locale: str
    values: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Rendered:
    """A template put into words; a text message has neither subject nor html."""

    subject: str
    text: str
    html: str


class Clock(Protocol):
    """Tells the time, aware and in UTC."""

    def __call__(self) -> datetime: ...


class JourneyStarter(Protocol):
    """Sees to it that journeys run."""

    async def __call__(self, account_ids: Sequence[str]) -> None:
        """Start those of the journeys that do not run yet. Raises when Temporal is away."""
        ...


class Mailer(Protocol):
    """Sends e-mail. Any error but the two above leaves it open whether the message went out."""

    def send(self, letter: Letter) -> str:
        """Hand one e-mail over, and return the provider's id of it.

        Raises NotHandedOver or NeverDeliverable.
        """
        ...


class Texter(Protocol):
    """Sends text messages, on the same terms as a Mailer."""

    def send(self, message: TextMessage) -> str:
        """Hand one text message over, and return the provider's id of it."""
        ...


class Writer(Protocol):
    """Puts templates into words."""

    def render(self, wording: Wording) -> Rendered:
        """The words of a template in the locale, or in English where that has none."""
        ...


class Seal(Protocol):
    """Keeps what must not lie open in the database: the codes inside messages that wait to be sent."""

    def close(self, secret: str) -> bytes:
        """Encrypt and authenticate a secret."""
        ...

    def open(self, sealed: bytes) -> str:
        """The secret back; raises ValueError when it was not sealed with this key."""
        ...
