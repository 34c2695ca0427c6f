"""Which word of a host counts: none of the future, and no happening of long ago."""

from datetime import datetime, timedelta

import pytest

from domain.host.events import HostEvent, HostEventKind
from domain.host.words import HAPPENINGS, BadEvent, Word, comes_too_late, require_past
from tests.clocks import START

SECOND = timedelta(seconds=1)


def test_of_two_words_the_later_counts_and_of_one_moment_the_greater_id() -> None:
    words = [
        Word(at=START, event_id="b"),
        Word(at=START - SECOND, event_id="c"),
        Word(at=START, event_id="a"),
    ]
    assert [(word.at, word.event_id) for word in sorted(words)] == [
        (START - SECOND, "c"),
        (START, "a"),
        (START, "b"),
    ]


def event(kind: HostEventKind, at: datetime) -> HostEvent:
    return HostEvent(source="shop", event_id="1", external_id="ada", kind=kind, at=at)


@pytest.mark.parametrize("kind", HostEventKind)
def test_what_is_so_from_then_on_may_be_told_however_late_and_a_happening_within_a_month(
    kind: HostEventKind,
) -> None:
    month_ago = START - timedelta(days=30)
    assert not comes_too_late(event(kind, month_ago), now=START)
    assert comes_too_late(event(kind, month_ago - SECOND), now=START) == (kind in HAPPENINGS)


def test_a_clock_may_be_five_minutes_ahead_and_no_more() -> None:
    kind = HostEventKind.USER_SIGNED_IN
    require_past(event(kind, START + timedelta(minutes=5)), now=START)
    with pytest.raises(BadEvent, match="future"):
        require_past(event(kind, START + timedelta(minutes=5) + SECOND), now=START)
