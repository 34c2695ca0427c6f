"""The end date of a description: a day, a time of the day and a zone, and every mistake at its place."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.presets import STANDARD
from domain.rollouts.cohorts import InvalidCohort
from domain.safety.end_dates import LAST_REMINDERS, AfterEnd, EndDate
from services.rollouts.cohort_files import parse

LEAST = 'name = "spring"\nwaves = [{percent = 100}]\n'


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("end = 2027-02-01", "2027-02-01T00:00Z"),
        ('end = "2027-02-01"', "2027-02-01T00:00Z"),
        ('end = 2027-02-01\nend_time = "09:00"\nend_zone = "Europe/Berlin"', "2027-02-01T08:00Z"),
        ('end = 2027-07-01\nend_time = 09:00:00\nend_zone = "europe/berlin"', "2027-07-01T07:00Z"),
        ('end = 2027-02-01\n[windows]\ntime_zone = "Asia/Dubai"', "2027-01-31T20:00Z"),
    ],
)
def test_an_end_date_is_a_day_by_a_wall_clock(text: str, at: str) -> None:
    end = parse(LEAST + text).policy.end
    assert end == EndDate(at=datetime.fromisoformat(at).astimezone(UTC), after=AfterEnd.ENROL_ONLY)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("end = 2027-02-30", "line 3"),
        ('end = "soon"', "end"),
        ("end = 2027-02-01T09:00:00", "end"),
        ("end = 20270201", "end"),
        ('end = 2027-02-01\nend_time = "9"', "end_time"),
        ('end = 2027-02-01\nend_zone = "Berlin"', "end_zone"),
        ('end = 2027-02-01\nafter_end = "lock_out"', "after_end"),
        ('end_time = "09:00"', "end_time"),
        ('after_end = "enrol_only"', "after_end"),
        ('end = 2027-02-01\n[policy]\nlast_reminders = ["soon"]', "policy.last_reminders[0]"),
        ('end = 2027-02-01\n[policy]\nlast_reminders = ["0 days"]', "policy.last_reminders"),
    ],
)
def test_every_mistake_is_told_with_its_place(text: str, place: str) -> None:
    with pytest.raises(InvalidCohort) as refusal:
        parse(LEAST + text)
    places = [where for where, _ in refusal.value.problems]
    assert len(places) == 1
    assert places[0].startswith(place)


def test_a_policy_with_an_end_date_is_the_cohorts_own() -> None:
    assert parse(f"{LEAST}end = 2027-02-01").policy.name == "standard for spring"
    assert parse(LEAST).policy == STANDARD
    assert STANDARD.last_reminders == LAST_REMINDERS


def test_a_policy_says_when_the_last_reminders_come() -> None:
    cohort = parse(f'{LEAST}end = 2027-02-01\n[policy]\nlast_reminders = ["2 days", "12h"]')
    assert cohort.policy.last_reminders == (timedelta(days=2), timedelta(hours=12))
    assert cohort.policy.name == "standard for spring"
