"""Events: each a CloudEvent of its own, many in a request, and all of Offramp's kinds."""

from datetime import UTC, datetime

import pytest

from domain.host.events import HostEventKind
from offramp_client import Event, EventType


def test_the_types_are_those_that_offramp_knows() -> None:
    assert {str(kind) for kind in EventType} == set(HostEventKind)


def test_an_event_is_a_cloud_event() -> None:
    at = datetime(2026, 11, 29, 10, tzinfo=UTC)
    event = Event(
        type=EventType.USER_SIGNED_IN, external_id="42", data={"method": "sms"}, at=at, event_id="e-1"
    )
    assert event.body("https://shop.example") == {
        "specversion": "1.0",
        "id": "e-1",
        "source": "https://shop.example",
        "type": "user.signed_in",
        "subject": "42",
        "time": "2026-11-29T10:00:00+00:00",
        "datacontenttype": "application/json",
        "data": {"method": "sms"},
    }


def test_two_events_are_never_taken_for_one() -> None:
    first, second = (Event(type=EventType.SMS_SUSPENDED, external_id="42") for _ in range(2))
    assert first.event_id != second.event_id


def test_an_event_whose_time_says_no_zone_is_refused() -> None:
    event = Event(type=EventType.SMS_SUSPENDED, external_id="42", at=datetime(2026, 11, 29))  # noqa: DTZ001
    with pytest.raises(ValueError, match="time zone"):
        event.body("https://shop.example")
