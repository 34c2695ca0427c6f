"""What a host is told, and how: the types of events, their secrets, how long one is tried, and what may be left out."""

import base64
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol
from urllib.parse import urlsplit

from domain.errors import OfframpError, Refused
from domain.journal import Actor, EventKind

TRIED_FOR = timedelta(days=3)
"""How long an event is tried; after that, the next attempt that fails is the last."""

SENDING_TIMEOUT = timedelta(seconds=90)
"""How long one attempt may take, with looking the name up. A claim older than that has lost its sender."""

SECRET_OVERLAP = timedelta(days=1)
"""How long events are signed by the former secret as well, unless another time was asked for."""

LONGEST_OVERLAP = timedelta(days=30)
"""The longest overlap that can be asked for."""

STEADY_FAILURES = 5
"""After so many failures in a row, a receiver is asked by one event at a time, and rests after each failure."""

_RESTS = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=8),
)
_LONGEST_REQUEST_REST = timedelta(minutes=5)
_LONGEST_ASKED_REST = timedelta(hours=1)
_RECEIVER_RESTS = (10, 30, 60, 120, 300)
_JITTER = 0.2
_SECRET_PREFIX = "whsec_"  # noqa: S105 (the prefix that the standard gives to secrets)
_WORDS_OF_STAFF = frozenset({"by", "reason", "together_with", "on_behalf_of", "key_id"})


class HookState(StrEnum):
    """How far a delivery has come.

    `behind` (an earlier entry of its account is open) → `waiting` → `handed` (Temporal has it) → `sending` (claimed) →
    `delivered`, or `waiting` again, or `dead`. `given_up`: staff took it off the list of the dead. `overtaken`: a later
    request makes this one void. `dropped`: its subscription has ended, or its account is gone.
    """

    BEHIND = "behind"
    WAITING = "waiting"
    HANDED = "handed"
    SENDING = "sending"
    DELIVERED = "delivered"
    DEAD = "dead"
    GIVEN_UP = "given_up"
    OVERTAKEN = "overtaken"
    DROPPED = "dropped"


class RequestType(StrEnum):
    """What a host is asked to do in its own system; entries of the kind `host_asked` go out under these types."""

    SUSPEND = "sms.suspend"
    RESTORE = "sms.restore"
    REMOVE = "sms.remove"


HOOK_TYPES = (*(kind.value for kind in EventKind if kind is not EventKind.HOST_ASKED), *RequestType)
"""Everything that can be subscribed to."""

TEST_TYPE = "offramp.test"
"""The type of an event that says nothing but that a receiver is reached."""


class DiedMeanwhile(Refused):
    """Something has died that the author of an order about all that is dead has not seen."""


class UnusableWebhook(Refused):
    """What was asked of a subscription cannot be: the message says what to ask instead."""


class NotTaken(OfframpError):
    """The receiver did not take an event, or nobody knows; `reason` is one word or two, fit for logs and pages.

    `retry_after` is how long the receiver asks to wait. `is_gone`: it wants no events any more.
    """

    def __init__(self, reason: str, *, retry_after: timedelta | None = None, is_gone: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after = retry_after
        self.is_gone = is_gone


@dataclass(frozen=True, kw_only=True)
class Hook:
    """One attempt to tell one event, signed by each secret, as of `at`. All attempts have one `webhook_id`."""

    url: str
    webhook_id: str
    at: datetime
    body: str
    secrets: tuple[str, ...] = field(repr=False)


class Courier(Protocol):
    """Brings events to their receivers."""

    def objection(self, url: str) -> str:
        """Why no event is ever sent to this address; empty if one may be."""
        ...

    def bring(self, hook: Hook) -> int:
        """Bring one event, and return the status of the answer. Raises NotTaken."""
        ...


def type_of(kind: EventKind, detail: Mapping[str, Any]) -> str:
    """The type under which a journal entry goes out."""
    return f"sms.{detail['change']}" if kind is EventKind.HOST_ASKED else kind.value


def asks_host(hook_type: str) -> bool:
    """Whether an event asks the host to do something."""
    return hook_type in list(RequestType)


def told_detail(detail: Mapping[str, Any], actor: str) -> dict[str, Any]:
    """The fields of an entry that a host is told: what members of staff have typed stays here, and who they are."""
    left_out = _WORDS_OF_STAFF if actor == Actor.STAFF else frozenset({"by"})
    if "request_id" in detail:
        left_out |= {"change"}  # the type says it
    return {name: value for name, value in detail.items() if name not in left_out}


def new_webhook_secret() -> str:
    """A new secret: 256 random bits in the form of Standard Webhooks."""
    return _SECRET_PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def rest_after(
    attempts: int, *, is_request: bool, share: float, asked_rest: timedelta | None = None
) -> timedelta:
    """How long an event rests after so many failed attempts: longer and longer, and `share` (0 to 1) of a jitter more.

    Who asks for a longer rest gets it, up to an hour. A request waits minutes at most, whatever the receiver asks for,
    as a person may be without a way in.
    """
    rest = _RESTS[min(attempts, len(_RESTS)) - 1]
    if asked_rest:
        rest = max(rest, min(asked_rest, _LONGEST_ASKED_REST))
    if is_request:
        rest = min(rest, _LONGEST_REQUEST_REST / (1 + _JITTER))
    return rest * (1 + _JITTER * share)


def receiver_rest(failures: int) -> timedelta:
    """How long a receiver is left alone after so many failures in a row."""
    beyond = failures - STEADY_FAILURES
    return timedelta(seconds=_RECEIVER_RESTS[min(beyond, len(_RECEIVER_RESTS) - 1)] if beyond >= 0 else 0)


def checked_types(names: Iterable[str]) -> tuple[str, ...]:
    """These types, each once. Raises UnusableWebhook without any, and for an unknown one."""
    given = list(dict.fromkeys(name.strip() for name in names if name.strip()))
    unknown_names = [name for name in given if name not in HOOK_TYPES]
    if unknown_names:
        raise UnusableWebhook(f"{unknown_names[0]} is no kind of event; docs/webhooks.md lists them")
    if not given:
        raise UnusableWebhook("name the kinds of events, or ask for all")
    return tuple(given)


def checked_url(url: str, *, allows_http: bool) -> str:
    """The address of a receiver. Raises UnusableWebhook if it is none, or holds a password."""
    try:
        parts = urlsplit(url)
        is_whole = bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        is_whole = False
    if not is_whole or parts.scheme not in ("https", "http") or not url.isascii() or not url.isprintable():
        raise UnusableWebhook("a receiver's address looks like https://host.example/offramp")
    if parts.scheme == "http" and not allows_http:
        raise UnusableWebhook("events go out by https only")
    if parts.username or parts.password or parts.fragment:
        raise UnusableWebhook(
            "an address holds no user, no password and no fragment: the signature is the proof"
        )
    return url


def checked_overlap(overlap: timedelta) -> timedelta:
    """How long two secrets sign. Raises UnusableWebhook if that is negative, or longer than `LONGEST_OVERLAP`."""
    if not timedelta() <= overlap <= LONGEST_OVERLAP:
        raise UnusableWebhook(f"two secrets sign for {LONGEST_OVERLAP.days} days at the longest")
    return overlap
