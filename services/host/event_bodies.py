"""The shapes of what events hold as `data`, one for each kind: what is missing or wrong is refused by its name."""

import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from domain.host.events import HostEventKind
from domain.host.route_trust import RootedIn
from domain.host.words import BadEvent

LONGEST_TEXT = 255
LONGEST_USER_AGENT = 512

_SLUG = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:/=+-]{0,254}")


class HostMethod(StrEnum):
    """How somebody signed in at the host."""

    SMS = "sms"
    PASSWORD = "password"  # noqa: S105
    PASSKEY = "passkey"
    TOTP = "totp"
    EMAIL_CODE = "email_code"
    OTHER = "other"


class Risk(StrEnum):
    """How risky a sign-in was, by the host's word."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


Check = Callable[[str, Any], Any]
"""Takes a field's name and value, and returns the value as it is kept. Raises BadEvent."""


class _Field(NamedTuple):
    """One field of a body."""

    check: Check
    is_required: bool = False
    keeps_null: bool = False


Shape = Mapping[str, _Field]
"""The fields of one body; what else it holds is passed over."""


def checked(kind: HostEventKind, body: Any) -> dict[str, Any]:
    """The fields of an event's `data` that its kind has, as they are kept. Raises BadEvent, which names the field."""
    if body is None:
        body = {}
    if not isinstance(body, dict):
        raise BadEvent("data: it is not an object")
    return _fields(_SHAPES[kind], body, "")


def _fields(shape: Shape, body: Mapping[str, Any], where: str) -> dict[str, Any]:
    kept = {}
    for name, field in shape.items():
        value = body.get(name)
        if value is not None or (field.keeps_null and name in body):
            kept[name] = field.check(f"{where}{name}", value)
        elif field.is_required:
            raise BadEvent(f"{where}{name}: it is missing")
    return kept


def _required(check: Check) -> _Field:
    return _Field(check, is_required=True)


def _text(longest: int = LONGEST_TEXT) -> Check:
    def check(name: str, value: Any) -> str:
        if not isinstance(value, str) or not value.strip() or len(value) > longest or not value.isprintable():
            raise BadEvent(f"{name}: it is not a text of 1 to {longest} characters that can be printed")
        return value.strip()

    return check


def _pattern(pattern: re.Pattern[str], words: str) -> Check:
    def check(name: str, value: Any) -> str:
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise BadEvent(f"{name}: {words}")
        return value

    return check


def _word_of(words: type[StrEnum]) -> Check:
    def check(name: str, value: Any) -> str:
        if not isinstance(value, str) or value not in list(words):
            raise BadEvent(f"{name}: it is none of {', '.join(words)}")
        return words(value)

    return check


def _flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise BadEvent(f"{name}: it is neither true nor false")
    return value


def _count(name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**31:
        raise BadEvent(f"{name}: it is not a whole number from 0 on")
    return value


def _object_of(shape: Shape) -> Check:
    def check(name: str, value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise BadEvent(f"{name}: it is not an object")
        return _fields(shape, value, f"{name}.")

    return check


def _as_it_is(_name: str, value: Any) -> Any:
    """Whoever heeds the event checks the value, as that of a PATCH."""
    return value


_slug = _pattern(_SLUG, "it is not a word of small letters, digits, dots, hyphens and underlines")
_id = _pattern(_ID, "it is not an id of up to 255 plain letters, digits and marks")

_DEVICE: Shape = {
    "user_agent": _Field(_text(LONGEST_USER_AGENT)),
    "can_passkey": _Field(_flag),
    "kind": _Field(_slug),
}
_SMS_ANSWER: Shape = {"request_id": _Field(_id), "reason": _Field(_slug)}

_SHAPES: Mapping[HostEventKind, Shape] = {
    HostEventKind.USER_SIGNED_IN: {
        "method": _required(_word_of(HostMethod)),
        "duration_ms": _Field(_count),
        "device": _Field(_object_of(_DEVICE)),
        "risk": _Field(_word_of(Risk)),
    },
    HostEventKind.USER_UPDATED: {
        name: _Field(_as_it_is, keeps_null=True)
        for name in (
            *("email", "phone", "locale", "time_zone", "country", "risk_tier", "last_sign_in_at"),
            *("attributes", "methods", "sim_checked_at", "sim_changed_at"),
        )
    },
    HostEventKind.USER_DELETED: {},
    HostEventKind.SUPPORT_CONTACTED: {"topic": _Field(_slug)},
    HostEventKind.TICKET_OPENED: {"ticket_id": _required(_id), "url": _Field(_text(2048))},
    HostEventKind.TICKET_CLOSED: {"ticket_id": _required(_id)},
    HostEventKind.PASSKEY_BOUND: {
        "passkey_id": _required(_id),
        "synced": _required(_flag),
        "name": _Field(_text()),
        "platform": _Field(_text()),
        "rooted_in": _required(_word_of(RootedIn)),
        "opened_by": _Field(_id),
    },
    HostEventKind.PASSKEY_USED: {"passkey_id": _required(_id)},
    HostEventKind.PASSKEY_REMOVED: {"passkey_id": _required(_id)},
    HostEventKind.RECOVERY_CODES_MADE: {
        "set_id": _required(_id),
        "count": _required(_count),
        "rooted_in": _Field(_word_of(RootedIn)),
        "opened_by": _Field(_id),
    },
    HostEventKind.RECOVERY_CODES_PROVEN: {"set_id": _required(_id)},
    HostEventKind.RECOVERY_CODES_USED: {"set_id": _required(_id), "left": _required(_count)},
    HostEventKind.EMAIL_VERIFIED: {"email": _required(_text())},
    HostEventKind.PHONE_CHANGED: {"phone": _required(_text())},
    HostEventKind.SMS_SUSPENDED: _SMS_ANSWER,
    HostEventKind.SMS_RESTORED: _SMS_ANSWER,
    HostEventKind.SMS_REMOVED: _SMS_ANSWER,
    HostEventKind.SMS_REFUSED: _SMS_ANSWER,
}
