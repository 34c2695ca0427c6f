"""What the activities ask of the outside world; `providers/` answers."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from domain.errors import OfframpError
from domain.facts import Channel
from domain.messages.messages import Fate, Purpose, Template
from domain.safety.sim import SimReport


class NotHandedOver(OfframpError):
    """The provider certainly did not take the message; trying again is safe and may help.

    `retry_after` is how long the provider asks to wait, if it says so. `is_outage`: the provider itself is in trouble,
    and would not take any other message either.
    """

    def __init__(self, reason: str, *, retry_after: timedelta | None = None, is_outage: bool = True) -> None:
        super().__init__(reason)
        self.retry_after = retry_after
        self.is_outage = is_outage


class NeverDeliverable(OfframpError):
    """The provider refused the message for good; `fate` is set if the contact is to blame."""

    def __init__(self, reason: str, *, fate: Fate | None = None) -> None:
        super().__init__(reason)
        self.fate = fate


@dataclass(frozen=True, kw_only=True)
class Letter:
    """An e-mail, ready to send.

    `stop_link` is where its reader ends such e-mails with one click (RFC 8058); only reminders have one.
    """

    key: str
    to: str
    subject: str
    text: str
    html: str
    purpose: Purpose
    template: Template
    stop_link: str | None = None


@dataclass(frozen=True, kw_only=True)
class TextMessage:
    """A text message, ready to send; `to` is E.164, `locale` its language, and `code` the code in it, if it has one."""

    key: str
    to: str
    text: str
    purpose: Purpose
    template: Template
    locale: str = "en"
    code: str | None = None


@dataclass(frozen=True, kw_only=True)
class Wording:
    """What a template needs to become words.

    `objection_link` is where a notice's reader says "this wasn't me", `stop_link` where reminders are ended.
    """

    template: Template
    channel: Channel
    locale: str
    values: dict[str, str] = field(default_factory=dict)
    objection_link: str | None = None
    stop_link: str | None = None


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
    """Makes sure that journeys run."""

    async def __call__(self, account_ids: Sequence[str]) -> None:
        """Start the journeys that do not run yet. Raises when Temporal is away."""
        ...


class Mailer(Protocol):
    """Sends e-mail. After any error but NotHandedOver and NeverDeliverable, the message may have gone out.

    `provider` is its name in the log, in the list of outages, and in metrics.
    """

    @property
    def provider(self) -> str:
        """The provider's name."""
        ...

    def send(self, letter: Letter) -> str:
        """Hand one e-mail over, and return the provider's id of it.

        Raises NotHandedOver or NeverDeliverable.
        """
        ...


class Texter(Protocol):
    """Sends text messages, on the same terms as a Mailer."""

    @property
    def provider(self) -> str:
        """The provider's name."""
        ...

    def send(self, message: TextMessage) -> str:
        """Hand one text message over, and return the provider's id of it."""
        ...


class SimChecker(Protocol):
    """Looks up whether a phone number's SIM was swapped. Each question may cost money."""

    @property
    def provider(self) -> str:
        """The provider's name."""
        ...

    def ask(self, phone: str) -> SimReport:
        """What the carrier tells of the SIM of a number in E.164.

        Raises NotHandedOver if the question was certainly not billed, and asking again may help.
        """
        ...


class Writer(Protocol):
    """Puts templates into words."""

    def render(self, wording: Wording) -> Rendered:
        """The words of a template in the locale, or in English if the locale has none."""
        ...


class Seal(Protocol):
    """Encrypts what nobody may read in the database, such as the codes in messages that wait to be sent."""

    def close(self, secret: str) -> bytes:
        """Encrypt and authenticate a secret."""
        ...

    def open(self, sealed: bytes) -> str:
        """The secret that was sealed. Raises ValueError if it was not sealed with a key of ours."""
        ...


class RingSeal(Seal, Protocol):
    """A seal with a ring of keys, newest first: the newest closes, each one opens."""

    @property
    def size(self) -> int:
        """How many keys open."""
        ...

    def close_again(self, sealed: bytes) -> bytes:
        """The same secret, closed by the newest key, as of the same moment. Raises ValueError as `open` does."""
        ...

    def place_of(self, sealed: bytes) -> int | None:
        """Which key has closed it: its place among the keys, the newest is 0; None if none of them has."""
        ...
