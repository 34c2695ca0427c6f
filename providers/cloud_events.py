"""Hosts' events as CloudEvents 1.0 over HTTP (the `cloudevents` library): binary, structured, and batches in JSON."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from cloudevents.core.bindings.http import HTTPMessage, from_binary
from cloudevents.core.exceptions import BaseCloudEventException, CloudEventValidationError
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

BATCH = "application/cloudevents-batch+json"
STRUCTURED = "application/cloudevents+json"

_JSON = re.compile(r"(application|text)/([a-z0-9.-]+\+)?json")
_PREFIX = "ce-"
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
_NOT_KEPT = "it holds a NUL, half of a character, or a number that is too large"
_NEEDED = ("id", "source", "type", "subject", "time")
_LONGEST = 255

# Other zones and periods are counted from an event's time, and must not lead out of the calendar.
_FIRST = datetime.min.replace(tzinfo=UTC) + timedelta(days=366)


@dataclass(frozen=True, kw_only=True)
class ToldEvent:
    """One event as it came; `data` is what it holds, of whatever shape."""

    source: str
    event_id: str
    type: str
    subject: str
    at: datetime
    data: Any


@dataclass(frozen=True, kw_only=True)
class MalformedEvent:
    """One event that is no CloudEvent, or lacks what is needed here; its source and id, as far as they can be read."""

    reason: str
    source: str | None
    event_id: str | None


class NoCloudEvents(Exception):
    """A request that brings no CloudEvents; the message says why, and repeats nothing of it."""


def read(headers: Mapping[str, str], body: bytes) -> list[ToldEvent | MalformedEvent]:
    """The events of a request, by its headers in small letters and its body. Raises NoCloudEvents."""
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type == BATCH:
        batch = _json(body)
        if not isinstance(batch, list):
            raise NoCloudEvents("the batch is not a JSON array")
        return [_of_json(each) for each in batch]
    if media_type == STRUCTURED:
        return [_of_json(_json(body))]
    if f"{_PREFIX}specversion" in headers:
        return [_of_binary(headers, body)]
    raise NoCloudEvents(f"it is neither {BATCH}, nor {STRUCTURED}, nor are there headers like ce-specversion")


def is_batch(headers: Mapping[str, str]) -> bool:
    """Whether a request brings a batch."""
    return headers.get("content-type", "").partition(";")[0].strip().lower() == BATCH


def _json(body: bytes) -> Any:
    try:
        return json.loads(body.decode(), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise NoCloudEvents("the body is not JSON in UTF-8") from None


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _of_json(event: Any) -> ToldEvent | MalformedEvent:
    if not isinstance(event, dict):
        return MalformedEvent(reason="it is not an object", source=None, event_id=None)
    attributes = {name: value for name, value in event.items() if name not in ("data", "data_base64")}
    if "data_base64" in event:
        return _malformed(attributes, "data: it has to be JSON")
    if not _can_be_kept(event):
        return MalformedEvent(reason=_NOT_KEPT, source=None, event_id=None)
    return _checked(attributes, event.get("data"))


def _of_binary(headers: Mapping[str, str], body: bytes) -> ToldEvent | MalformedEvent:
    attributes = {
        name.removeprefix(_PREFIX): value for name, value in headers.items() if name.startswith(_PREFIX)
    }
    message = HTTPMessage(headers=dict(headers), body=b"")
    try:
        attributes = dict(from_binary(message, JSONFormat(), _AsRead).get_attributes())
    except ValueError:
        return _malformed(attributes, "time: it is not a moment by RFC 3339")
    if not body.strip():
        return _checked(attributes, None)
    if not _JSON.fullmatch(headers.get("content-type", "").partition(";")[0].strip().lower()):
        return _malformed(attributes, "data: it has to be JSON")
    data = _json(body)
    return _checked(attributes, data) if _can_be_kept(data) else _malformed(attributes, _NOT_KEPT)


def _can_be_kept(said: Any) -> bool:
    """Whether databases keep it: no NUL, no half of a character, no number beyond all numbers."""
    try:
        text = json.dumps(said, ensure_ascii=False, allow_nan=False).encode()
    except ValueError:
        return False
    return not _NUL.search(text)


class _AsRead(CloudEvent):
    """An event whose attributes are decoded, and not checked yet: the library would make up an id and a time."""

    def __init__(self, attributes: dict[str, Any], data: Any = None) -> None:
        self._attributes, self._data = attributes, data


def _checked(attributes: dict[str, Any], data: Any) -> ToldEvent | MalformedEvent:
    missing = [name for name in _NEEDED if attributes.get(name) in (None, "")]
    if missing:
        return _malformed(attributes, f"{missing[0]}: it is missing")
    try:
        attributes["time"] = _moment(attributes["time"])
        event = CloudEvent(attributes, data)
    except CloudEventValidationError as error:
        return _malformed(attributes, f"{next(iter(error.errors))}: it is not as CloudEvents 1.0 asks for")
    except (BaseCloudEventException, ValueError, TypeError, AttributeError):
        return _malformed(attributes, "time: it is not a moment by RFC 3339")
    if attributes["time"] < _FIRST:
        return _malformed(attributes, "time: it is at the beginning of the calendar")
    for name in ("id", "source", "type", "subject"):
        if len(attributes[name]) > _LONGEST or not attributes[name].isprintable():
            return _malformed(
                attributes, f"{name}: it is not a text of {_LONGEST} printable characters at most"
            )
    return _told(event)


def _told(event: CloudEvent) -> ToldEvent:
    attributes = event.get_attributes()
    return ToldEvent(
        source=event.get_source(),
        event_id=event.get_id(),
        type=event.get_type(),
        subject=attributes["subject"],
        at=attributes["time"],
        data=event.get_data(),
    )


def _moment(value: Any) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)


def _malformed(attributes: Mapping[str, Any], reason: str) -> MalformedEvent:
    source, event_id = (_short(attributes.get(name)) for name in ("source", "id"))
    return MalformedEvent(reason=reason, source=source, event_id=event_id)


def _short(value: Any) -> str | None:
    return value if isinstance(value, str) and len(value) <= _LONGEST else None
