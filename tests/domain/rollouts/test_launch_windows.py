"""Launch windows open and close when the clock on the wall says so, minute by minute, on every day of the year."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.rollouts.launch_windows import Freeze, LaunchWindows, Weekday
from tests.clocks import START
from tests.domain.strategies import zones

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
BERLIN = "Europe/Berlin"
LOOK_AHEAD = 3 * DAY

AROUND_CHANGES = [
    ("Europe/Berlin", datetime(2026, 3, 28, 12, tzinfo=UTC)),
    ("Europe/Berlin", datetime(2026, 10, 24, 12, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 3, 7, 12, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 10, 31, 12, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 4, 4, 0, tzinfo=UTC)),
    ("America/Santiago", datetime(2026, 9, 5, 12, tzinfo=UTC)),
    ("Africa/Cairo", datetime(2026, 4, 23, 12, tzinfo=UTC)),
]

minutes_of_a_day = st.builds(time, st.integers(0, 23), st.sampled_from([0, 1, 15, 30, 59]))
days_of_a_week = st.sets(st.sampled_from(Weekday), min_size=1).map(lambda days: tuple(sorted(days)))


@st.composite
def windows(draw: st.DrawFn, zone: str, around: datetime) -> LaunchWindows:
    """Any window, its freezes within the days that are looked at."""
    ends = st.integers(0, LOOK_AHEAD // MINUTE).map(lambda count: around + count * MINUTE)
    freezes = [sorted(pair) for pair in draw(st.lists(st.tuples(ends, ends), max_size=2))]
    return LaunchWindows(
        weekdays=draw(days_of_a_week),
        opens=draw(minutes_of_a_day),
        closes=draw(minutes_of_a_day),
        time_zone=zone,
        freezes=tuple(Freeze(begins=begins, ends=ends, reason="sale") for begins, ends in freezes),
    )


def walk(at: datetime) -> list[datetime]:
    """Every minute of the days to come."""
    return [at + count * MINUTE for count in range(LOOK_AHEAD // MINUTE)]


def agrees_with_a_walk(launch: LaunchWindows, at: datetime) -> None:
    states = {moment: launch.is_open(moment) for moment in walk(at)}
    first_open = next((moment for moment, is_open in states.items() if is_open), None)
    first_closed = next((moment for moment, is_open in states.items() if not is_open), None)
    opens = launch.opens_at(at)
    assert opens == first_open if first_open else opens is None or opens >= at + LOOK_AHEAD
    if states[at]:
        closes = launch.closes_at(at)
        assert closes == first_closed if first_closed else closes is None or closes >= at + LOOK_AHEAD


@pytest.mark.parametrize(("zone", "around"), AROUND_CHANGES)
@settings(max_examples=25)
@given(st.data())
def test_they_agree_with_a_walk_by_minutes_when_the_clocks_change(
    zone: str, around: datetime, data: st.DataObject
) -> None:
    at = around + data.draw(st.integers(0, DAY // MINUTE)) * MINUTE
    agrees_with_a_walk(data.draw(windows(zone, around)), at)


@given(zones, st.data())
def test_they_agree_with_a_walk_by_minutes_everywhere(zone: str, data: st.DataObject) -> None:
    agrees_with_a_walk(data.draw(windows(zone, START)), START)


def office(**changes: object) -> LaunchWindows:
    return LaunchWindows(**({"opens": time(9), "closes": time(17), "time_zone": BERLIN} | changes))  # type: ignore[arg-type]


def berlin(day: int, hour: int, minute: int = 0, *, month: int = 3) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=ZoneInfo(BERLIN)).astimezone(UTC)


def test_it_is_open_from_its_hour_up_to_the_other() -> None:
    assert [office().is_open(berlin(2, *clock)) for clock in [(8, 59), (9, 0), (16, 59), (17, 0)]] == [
        False,
        True,
        True,
        False,
    ]


def test_it_opens_next_on_the_next_day_that_counts() -> None:
    weekdays = (Weekday.TUESDAY, Weekday.THURSDAY)
    assert office(weekdays=weekdays).opens_at(berlin(3, 17)) == berlin(5, 9)


def test_hours_past_midnight_belong_to_the_day_on_which_they_began() -> None:
    friday_night = office(weekdays=(Weekday.FRIDAY,), opens=time(22), closes=time(6))
    assert not friday_night.is_open(berlin(6, 3))
    assert friday_night.is_open(berlin(6, 23))
    assert friday_night.is_open(berlin(7, 3))
    assert not friday_night.is_open(berlin(7, 22))
    assert friday_night.closes_at(berlin(6, 23)) == berlin(7, 6)


def test_all_day_on_some_days_ends_at_midnight() -> None:
    saturdays = office(weekdays=(Weekday.SATURDAY,), opens=time(9), closes=time(9))
    assert saturdays.opens_at(berlin(2, 12)) == berlin(7, 0)
    assert saturdays.closes_at(berlin(7, 12)) == berlin(8, 0)


def test_a_freeze_closes_and_its_end_opens() -> None:
    sale = Freeze(begins=berlin(2, 12), ends=berlin(4, 10), reason="sale")
    assert office(freezes=(sale,)).closes_at(berlin(2, 10)) == berlin(2, 12)
    assert office(freezes=(sale,)).opens_at(berlin(2, 12)) == berlin(4, 10)


def test_an_hour_that_the_clock_leaves_out_opens_when_the_clock_has_passed_it() -> None:
    night = office(opens=time(2, 30), closes=time(5))
    assert night.opens_at(berlin(28, 12)) == berlin(29, 3)


def test_always_open_never_closes() -> None:
    assert LaunchWindows().closes_at(START) is None
    assert LaunchWindows().opens_at(START) == START


def test_without_a_day_it_never_opens() -> None:
    assert office(weekdays=()).opens_at(START) is None


def test_answers_are_in_the_time_zone_of_the_question() -> None:
    moment = START.astimezone(ZoneInfo("Asia/Tokyo"))
    opens = office(weekdays=(Weekday.FRIDAY,)).opens_at(moment)
    assert opens is not None
    assert opens.tzinfo is moment.tzinfo


def test_an_hour_that_comes_twice_opens_a_window_twice() -> None:
    night = office(opens=time(2, 30), closes=time(5))
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    again = first + timedelta(hours=1)
    assert night.opens_at(first - MINUTE) == first
    assert night.closes_at(first) == first + timedelta(minutes=30)
    assert night.opens_at(first + timedelta(minutes=30)) == again
    assert night.closes_at(again) == datetime(2026, 10, 25, 4, tzinfo=UTC)


def test_a_window_that_opens_in_a_year_is_found_and_one_much_later_is_not() -> None:
    def frozen(days: int) -> LaunchWindows:
        return office(freezes=(Freeze(begins=berlin(2, 0), ends=berlin(2, 10) + days * DAY, reason="sale"),))

    assert frozen(380).opens_at(berlin(2, 12)) is not None
    weekends = LaunchWindows(weekdays=(Weekday.SATURDAY,), freezes=frozen(420).freezes, time_zone=BERLIN)
    assert weekends.opens_at(berlin(2, 12)) is None


def test_the_day_that_a_skipped_hour_makes_shorter_opens_as_any_other() -> None:
    """A day later it is two days later by the calendar, and what opens between the two is not passed over."""
    office = LaunchWindows(opens=time(9), closes=time(17), time_zone=BERLIN)
    evening = datetime(2026, 3, 28, 23, 30, tzinfo=ZoneInfo(BERLIN))
    assert office.opens_at(evening) == datetime(2026, 3, 29, 9, tzinfo=ZoneInfo(BERLIN))
