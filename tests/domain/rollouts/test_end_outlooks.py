"""What an end date comes to is told of everybody, and the pace by those who are left."""

from datetime import timedelta
from typing import Any

import pytest

from domain.rollouts.end_outlooks import ONLY_ENROL, AlikeMembers, AtEnd, LastSignIn, outlook
from tests.clocks import START

DAY = timedelta(days=1)
NOW = START + 30 * DAY


def alike(at_end: AtEnd, people: int, **more: Any) -> AlikeMembers:
    told: dict[str, Any] = {"country": "DE", "last_sign_in": LastSignIn.WEEK, "is_recent": False} | more
    return AlikeMembers(at_end=at_end, people=people, **told)


def test_people_are_counted_by_what_the_day_means_for_them_and_by_country_and_last_sign_in() -> None:
    groups = [
        alike(AtEnd.ABLE, 5),
        alike(AtEnd.NOT_SEEN, 3, country="IT", last_sign_in=LastSignIn.NEVER),
        alike(AtEnd.NO_CONTACT, 1),
        alike(AtEnd.READY, 20),
        alike(AtEnd.HELD_OUT, 7, country="GB"),
    ]
    seen = outlook(groups, on=NOW + 10 * DAY, launched_at=START, now=NOW)
    assert (seen.only_enrol, seen.cannot) == (9, 4)
    assert seen.people[AtEnd.HELD_OUT] == 7
    assert seen.countries == {"DE": 6, "IT": 3}
    assert {last: people for last, people in seen.last_sign_ins.items() if people} == {
        LastSignIn.WEEK: 6,
        LastSignIn.NEVER: 3,
    }


@pytest.mark.parametrize("at_end", AtEnd)
def test_nobody_is_left_out(at_end: AtEnd) -> None:
    seen = outlook([alike(at_end, 2)], on=NOW, launched_at=START, now=NOW)
    assert sum(seen.people.values()) == 2
    assert seen.only_enrol == (2 if at_end in ONLY_ENROL else 0)


def test_the_pace_is_that_of_two_weeks_and_says_when_the_last_is_there() -> None:
    groups = [alike(AtEnd.ABLE, 30), alike(AtEnd.READY, 28, is_recent=True), alike(AtEnd.READY, 100)]
    pace = outlook(groups, on=NOW + 10 * DAY, launched_at=START, now=NOW).pace
    assert (pace.left, pace.a_day, pace.needed_a_day) == (30, 2.0, 3.0)
    assert pace.arrives_at == NOW + 15 * DAY


def test_a_young_cohort_is_measured_over_its_own_days() -> None:
    groups = [alike(AtEnd.ABLE, 30), alike(AtEnd.READY, 28, is_recent=True)]
    assert outlook(groups, on=NOW + DAY, launched_at=NOW - 2 * DAY, now=NOW).pace.a_day == 14.0
    assert outlook(groups, on=NOW + DAY, launched_at=NOW, now=NOW).pace.a_day == 28.0


def test_by_no_pace_nobody_arrives_and_on_the_day_itself_none_is_needed() -> None:
    pace = outlook([alike(AtEnd.ABLE, 30)], on=NOW, launched_at=START, now=NOW).pace
    assert (pace.arrives_at, pace.needed_a_day) == (None, None)
