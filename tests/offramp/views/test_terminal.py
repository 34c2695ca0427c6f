"""Instants say in which zone they are."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from offramp.views.terminal import moment

AUTUMN = datetime(2026, 11, 28, 14, 5, 9, tzinfo=UTC)


@pytest.fixture
def live_in(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    def move(zone: str) -> None:
        monkeypatch.setenv("TZ", zone)
        time.tzset()

    yield move
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        ("UTC", "2026-11-28 14:05:09 UTC"),
        ("Europe/London", "2026-11-28 14:05:09 UTC"),
        ("Europe/Berlin", "2026-11-28 15:05:09 +01:00"),
        ("America/New_York", "2026-11-28 09:05:09 -05:00"),
        ("Asia/Kolkata", "2026-11-28 19:35:09 +05:30"),
    ],
)
def test_an_instant_is_shown_with_its_zone(live_in: Callable[[str], None], zone: str, shown: str) -> None:
    live_in(zone)
    assert moment(AUTUMN) == shown
