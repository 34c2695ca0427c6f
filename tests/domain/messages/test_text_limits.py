"""Ceilings of text messages: in all, for one country, and for all countries that are not named."""

from datetime import UTC, datetime, timedelta, timezone

from domain.messages.text_limits import ALL, OTHERS, TextLimits, day_of, is_full, next_day, uses


def test_without_ceilings_there_is_always_room() -> None:
    assert not is_full(TextLimits(), {"DE": 10**6}, "DE")
    assert uses(TextLimits(), {"DE": 10**6}) == []


def test_a_country_is_full_at_its_own_ceiling_and_leaves_the_others_alone() -> None:
    limits = TextLimits(by_country={"DE": 3, OTHERS: 1})
    times = {"DE": 3, "FR": 0, "AT": 1}
    assert [is_full(limits, times, country) for country in ("DE", "FR", "AT", "PT")] == [
        True,
        False,
        True,
        False,
    ]


def test_the_ceiling_in_all_counts_every_country() -> None:
    limits = TextLimits(per_day=3)
    assert not is_full(limits, {"DE": 1, "FR": 1}, "PT")
    assert is_full(limits, {"DE": 1, "FR": 2}, "PT")


def test_a_ceiling_of_zero_lets_nothing_through() -> None:
    assert is_full(TextLimits(by_country={"DE": 0}), {}, "DE")
    assert is_full(TextLimits(per_day=0), {}, "DE")


def test_how_far_a_ceiling_is_used_up_is_told_for_each_that_binds() -> None:
    limits = TextLimits(per_day=10, by_country={"DE": 4})
    told = {use.country: use.share for use in uses(limits, {"DE": 2, "FR": 3})}
    assert told == {ALL: 0.5, "DE": 0.5}


def test_days_are_those_of_utc() -> None:
    late = datetime(2026, 3, 2, 0, 30, tzinfo=timezone(timedelta(hours=2)))
    assert day_of(late).isoformat() == "2026-03-01"
    assert next_day(late) == datetime(2026, 3, 2, tzinfo=UTC)
