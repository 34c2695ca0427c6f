"""The body of an event is checked field by field, and the refusal names the field."""

from typing import Any

import pytest

from domain.host.events import HostEventKind
from domain.host.words import BadEvent
from services.host.event_bodies import checked


def ticket(url: Any) -> dict[str, Any]:
    return checked(HostEventKind.TICKET_OPENED, {"ticket_id": "t-1", "url": url, "else": 7})


@pytest.mark.parametrize("url", ["", " \t", 7, "a" * 2049, "a\nb", ["a"]])
def test_a_text_that_cannot_be_kept_is_refused_by_the_name_of_its_field(url: Any) -> None:
    with pytest.raises(BadEvent, match=r"url: it is not a text of 1 to 2048 characters"):
        ticket(url)


def test_a_text_is_kept_without_the_blanks_around_it_and_what_is_not_described_is_passed_over() -> None:
    assert ticket(" https://desk.example/1 ") == {"ticket_id": "t-1", "url": "https://desk.example/1"}
    assert ticket("a" * 2048)["url"] == "a" * 2048
    assert ticket(None) == {"ticket_id": "t-1"}


@pytest.mark.parametrize("method", ["telepathy", "", 7, ["sms"], None])
def test_a_word_that_is_none_of_those_that_are_known_is_refused_by_the_name_of_its_field(method: Any) -> None:
    with pytest.raises(BadEvent, match=r"method: it is (none of .*sms|missing)"):
        checked(HostEventKind.USER_SIGNED_IN, {"method": method})


def test_a_field_that_has_to_be_there_is_missed_by_its_name() -> None:
    with pytest.raises(BadEvent, match="ticket_id: it is missing"):
        checked(HostEventKind.TICKET_OPENED, None)
    with pytest.raises(BadEvent, match="data: it is not an object"):
        checked(HostEventKind.TICKET_OPENED, [])
