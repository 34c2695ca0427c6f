"""Forecasts of rollouts: launches keep to pace and windows, waves wait for each other, messages follow the cadence."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from math import inf
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.facts import Channel
from domain.policy import NudgeStep
from domain.rollouts.cohorts import Cohort, Wave, Who
from domain.rollouts.forecasts import Forecast, first_suspension, forecast, least_to_pass
from domain.rollouts.guardrails import Guardrail, Metric, Reaction, Sample, Verdict, assess
from domain.rollouts.launch_windows import LaunchWindows, Weekday
from tests.clocks import START
from tests.factories import make_policy

DAY = timedelta(days=1)


def cohort(**changes: Any) -> Cohort:
    described: dict[str, Any] = {
        "name": "spring",
        "include": Who(),
        "exclude": None,
        "policy": make_policy(),
        "holdout_percent": 0,
        "waves": (Wave(percent=1, bake=3 * DAY), Wave(percent=100, bake=5 * DAY)),
        "pace": 60,
        "windows": LaunchWindows(),
        "guardrails": (),
        "assess_every": timedelta(minutes=15),
    }
    return Cohort(**(described | changes))


def guardrail(metric: Metric = Metric.UNDELIVERED, limit: float = 0.05) -> Guardrail:
    return Guardrail(metric=metric, limit=limit, least_sample=1, window=DAY, reaction=Reaction.PAUSE)


def foresee(described: Cohort, *people: int, text_only: int = 0, first_wave: int = 0) -> Forecast:
    outlook = forecast(described, people, text_only=text_only, now=START, first_wave=first_wave)
    assert outlook
    return outlook


def test_a_wave_begins_when_the_one_before_has_been_watched() -> None:
    first, second = foresee(cohort(), 60, 600).waves
    assert (first.begins, first.launched_by) == (START, START + timedelta(minutes=1))
    assert first.ends == first.launched_by + 3 * DAY
    assert (second.begins, second.launched_by - second.begins) == (first.ends, timedelta(minutes=10))


def test_a_launch_keeps_to_its_windows() -> None:
    mornings = LaunchWindows(weekdays=(Weekday.TUESDAY, Weekday.FRIDAY), opens=time(9), closes=time(10))
    (wave,) = foresee(cohort(windows=mornings, waves=(Wave(percent=100, bake=DAY),)), 3600 + 60).waves
    tuesday = datetime(2026, 3, 3, 9, tzinfo=START.tzinfo)
    assert wave.begins == tuesday
    assert wave.launched_by == tuesday + 3 * DAY + timedelta(minutes=1), "the last sixty on Friday"


def test_windows_that_stay_closed_give_no_forecast() -> None:
    slow = LaunchWindows(opens=time(9), closes=time(9, 1))
    assert forecast(cohort(windows=slow, pace=1), (10, 10_000), text_only=0, now=START) is None


def test_guardrails_on_suspended_people_wait_for_the_first_suspension() -> None:
    watched = cohort(guardrails=(guardrail(Metric.LOCK_OUTS),))
    first, second = foresee(watched, 60, 600).waves
    assert first.ends == first.launched_by + 3 * DAY
    assert second.begins == START + first_suspension(watched.policy) == START + 8 * DAY


def test_a_running_rollout_is_foreseen_from_its_wave_on() -> None:
    (wave,) = foresee(cohort(), 0, 60, first_wave=1).waves
    assert (wave.number, wave.begins, wave.people) == (1, START, 60)


def test_the_end_takes_notice_and_probation_at_least_and_patience_at_most() -> None:
    policy = make_policy()
    outlook = foresee(cohort(waves=(Wave(percent=100, bake=DAY),)), 60)
    last = outlook.waves[-1].launched_by
    assert outlook.waves_end == last + DAY
    assert outlook.earliest_end == last + DAY + policy.notice + policy.probation
    assert outlook.latest_end == last + 4 * policy.patience + policy.notice + policy.probation


def test_messages_follow_the_cadence_and_go_by_text_where_there_is_no_address() -> None:
    policy = make_policy(cadence=(NudgeStep(after=3 * DAY, channel=Channel.SMS),))
    outlook = foresee(cohort(policy=policy, waves=(Wave(percent=100, bake=DAY),)), 600, text_only=60)
    assert [(day.day, day.emails, day.texts) for day in outlook.days] == [
        (date(2026, 3, 2), 540, 60),
        (date(2026, 3, 5), 0, 600),
    ]
    assert outlook.most_texts
    assert outlook.most_texts.day == date(2026, 3, 5)


def test_nobody_gets_no_message_and_still_a_forecast() -> None:
    outlook = foresee(cohort(), 0, 0)
    assert outlook.days == ()
    assert outlook.waves_end == START


def test_a_wave_that_launches_nobody_takes_no_time_whatever_the_windows() -> None:
    mornings = LaunchWindows(weekdays=(Weekday.FRIDAY,), opens=time(9), closes=time(10))
    first, second = foresee(cohort(windows=mornings), 0, 60).waves
    assert (first.begins, first.launched_by, first.ends) == (START, START, START)
    assert second.begins == datetime(2026, 3, 6, 9, tzinfo=START.tzinfo)


def test_a_wave_that_is_launched_already_is_watched_to_the_end_of_its_bake() -> None:
    ends = START + 2 * DAY
    outlook = forecast(cohort(), (0, 60), text_only=0, now=START, watched_until=ends)
    assert outlook
    assert [wave.begins for wave in outlook.waves] == [START, ends]


@given(people=st.integers(0, 20_000), pace=st.integers(1, 500), hours=st.integers(1, 23))
def test_everybody_is_written_to_once_a_step_whatever_the_days(people: int, pace: int, hours: int) -> None:
    windows = LaunchWindows(opens=time(1), closes=time((1 + hours) % 24), time_zone="Europe/Berlin")
    described = cohort(windows=windows, pace=pace, waves=(Wave(percent=100, bake=DAY),))
    outlook = foresee(described, people)
    assert sum(day.emails for day in outlook.days) == 4 * people
    assert sum(day.texts for day in outlook.days) == people
    shortest = timedelta(minutes=people / pace)
    assert outlook.waves[0].launched_by - outlook.waves[0].begins >= shortest - timedelta(seconds=1)


@pytest.mark.parametrize("limit", [0.001, 0.01, 0.02, 0.05, 0.2, 0.5])
def test_the_least_to_pass_is_where_the_bound_meets_the_limit(limit: float) -> None:
    watched = guardrail(limit=limit)
    needed = int(least_to_pass(watched))
    assert assess(watched, Sample(hits=0, size=needed)).verdict is Verdict.PASSED
    assert assess(watched, Sample(hits=0, size=needed - 1)).verdict is Verdict.INCONCLUSIVE


def test_the_lower_the_limit_the_more_people_it_takes() -> None:
    needed = [least_to_pass(guardrail(limit=limit)) for limit in (0.2, 0.05, 0.02, 0.01, 0.001)]
    assert needed == [23, 99, 249, 501, 5026]
    assert least_to_pass(replace(guardrail(limit=0.2), least_sample=50)) == 50


def test_a_limit_of_zero_is_never_met() -> None:
    assert least_to_pass(guardrail(limit=0)) == inf
