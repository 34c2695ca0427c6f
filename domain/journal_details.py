"""What an entry of the journal says beside its kind, for the kinds whose fields somebody counts, times or reads out.

Details hold ids, counts and enums; never a phone number, an address or a code. Entries of an older version may lack a
field, so code that reads a field has to do without it.
"""

from dataclasses import asdict, dataclass
from typing import Any

from domain.facts import Channel, Method

DetailValue = str | int | float | bool | list[str] | None
"""The values that a field may hold."""


@dataclass(frozen=True, kw_only=True)
class Detail:
    """The fields of one entry."""

    def stored(self) -> dict[str, Any]:
        """The fields as the journal keeps them."""
        return asdict(self)


@dataclass(frozen=True, kw_only=True)
class TimedDetail(Detail):
    """The fields of a sign-in. `milliseconds` counts from the person's first step, and is left out if unknown."""

    def stored(self) -> dict[str, Any]:
        """The fields as the journal keeps them."""
        fields = asdict(self)
        return {name: value for name, value in fields.items() if (name, value) != ("milliseconds", None)}


@dataclass(frozen=True, kw_only=True)
class SignInDetail(TimedDetail):
    """A sign-in by anything but a passkey."""

    method: Method
    milliseconds: int | None


@dataclass(frozen=True, kw_only=True)
class PasskeySignInDetail(TimedDetail):
    """A sign-in by a passkey, on a browser's platform."""

    passkey_id: str
    platform: str
    milliseconds: int | None


@dataclass(frozen=True, kw_only=True)
class SignInFailureDetail(Detail):
    """A sign-in that was refused; `reason` is one of `domain.counting.Refusal`, or the passkey library's own word."""

    method: Method
    reason: str


@dataclass(frozen=True, kw_only=True)
class CeremonyFailureDetail(Detail):
    """A ceremony that the browser gave up; `name` is the DOMException's."""

    ceremony: str
    name: str
    platform: str


@dataclass(frozen=True, kw_only=True)
class PromptSeenDetail(Detail):
    """`capable`: the prompt was seen on a device that can make a passkey. `platform` is the browser's."""

    capable: bool
    platform: str


@dataclass(frozen=True, kw_only=True)
class MessageDetail(Detail):
    """A message whose sending has ended, sent or not; `milliseconds` counts from the row's creation."""

    key: str
    template: str
    channel: str
    purpose: str
    reason: str | None
    milliseconds: int


@dataclass(frozen=True, kw_only=True)
class FateDetail(Detail):
    """What the provider later told about a message."""

    key: str
    template: str
    channel: Channel
    reason: str


@dataclass(frozen=True, kw_only=True)
class WithheldDetail(FateDetail):
    """A message that was not carried; `country` is that of the number (ISO 3166), empty for an e-mail."""

    country: str


@dataclass(frozen=True, kw_only=True)
class CaseDetail(Detail):
    """Why support was asked for help."""

    reason: str
