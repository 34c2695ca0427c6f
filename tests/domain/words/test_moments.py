"""Instants are told with their zone, and with their year where it matters."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from domain.words.moments import NEAR, moment, needs_year, stamp

NOW = datetime(2026, 12, 1, 9, 30, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (NOW - 2 * DAY, "29 Nov 09:30 UTC"),
        (NOW + 40 * DAY, "10 Jan 2027 09:30 UTC"),
        (NOW - NEAR, "2 Oct 09:30 UTC"),
        (NOW - NEAR - DAY, "1 Oct 2026 09:30 UTC"),
    ],
)
def test_the_year_is_said_of_another_year_and_of_what_is_months_away(at: datetime, said: str) -> None:
    assert moment(at, NOW) == said


def test_where_nobody_says_what_the_time_is_the_year_is_said() -> None:
    assert moment(NOW, None) == "1 Dec 2026 09:30 UTC"


def test_whether_it_is_another_year_depends_on_the_zone() -> None:
    tokyo, eve = timezone(9 * timedelta(hours=1)), datetime(2026, 12, 31, 16, tzinfo=UTC)
    assert needs_year(eve, NOW, zone=tokyo)
    assert not needs_year(eve, NOW)


def test_a_stamp_names_its_own_zone() -> None:
    assert stamp(NOW) == "2026-12-01 09:30:00 UTC"
    assert stamp(NOW.astimezone(timezone(2 * timedelta(hours=1)))) == "2026-12-01 11:30:00 +02:00"
