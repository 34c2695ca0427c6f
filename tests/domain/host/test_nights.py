"""The moment of the night at which a host's list is due."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.host.nights import last_due

MOMENTS = st.datetimes(timezones=st.just(UTC)).filter(lambda moment: 1970 < moment.year < 2100)


@given(MOMENTS)
def test_every_night_has_one_moment_between_one_and_five(now: datetime) -> None:
    due = last_due(now, address="https://host.example/states")
    assert due <= now < due + timedelta(hours=28)
    assert 1 <= due.hour < 5
    assert last_due(due, address="https://host.example/states") == due


def test_hosts_are_not_all_asked_at_the_same_moment() -> None:
    now = datetime(2026, 5, 5, 12, tzinfo=UTC)
    assert len({last_due(now, address=f"https://{number}.example") for number in range(20)}) == 20
