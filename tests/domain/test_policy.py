"""A policy that would lock people out, nag them or never end does not come into being."""

from datetime import time, timedelta
from typing import Any

import pytest
from hypothesis import given

from domain.facts import Channel
from domain.policy import InvalidPolicy, NudgeStep, Policy
from tests.domain.strategies import policies
from tests.factories import make_policy

DAY = timedelta(days=1)


def step(after: timedelta) -> NudgeStep:
    return NudgeStep(after=after, channel=Channel.EMAIL)


MISTAKES: list[tuple[dict[str, Any], str]] = [
    ({"name": ""}, "name is empty"),
    ({"cadence": (step(2 * DAY), step(DAY))}, "cadence goes back in time"),
    ({"invitation": step(5 * DAY)}, "cadence goes back in time"),
    ({"skips_allowed": -1}, "skips_allowed is negative"),
    ({"cap": -1}, "cap is negative"),
    ({"cap_window": timedelta()}, "cap_window is zero, so the cap would never bind"),
    ({"proving_days": 0}, "proving_days is below 1"),
    ({"second_routes": ()}, "second_routes is empty"),
    ({"notice": timedelta()}, "notice is zero, so nobody would be warned"),
    ({"probation": timedelta()}, "probation is zero, so nothing could be restored"),
    ({"jitter": timedelta(hours=5)}, "jitter is longer than 4 hours, so it could reach into quiet hours"),
    ({"quiet_from": time(14)}, "quiet hours leave less than 6 hours of the day"),
    ({"quiet_zone": "Mars/Olympus_Mons"}, "quiet_zone is no time zone"),
    ({"quiet_zone": "Europe"}, "quiet_zone is no time zone"),
    ({"quiet_zone": ""}, "quiet_zone is no time zone"),
    ({"quiet_zone": "../Berlin"}, "quiet_zone is no time zone"),
    ({"patience": 27 * DAY}, "patience ends before the last reminder"),
    *(
        ({name: timedelta(seconds=-1)}, f"{name} is negative")
        for name in (
            "least_gap",
            "jitter",
            "snooze",
            "mandatory_after",
            "cooling_off",
            "sim_swap_window",
            "notice",
            "probation",
            "rest_after_restore",
            "cap_window",
        )
    ),
]


@pytest.mark.parametrize(("changes", "problem"), MISTAKES)
def test_every_mistake_is_refused_by_its_name(changes: dict[str, Any], problem: str) -> None:
    with pytest.raises(InvalidPolicy) as refusal:
        make_policy(**changes)
    assert refusal.value.problems == [problem]
    assert problem in str(refusal.value)


def test_several_mistakes_are_named_at_once() -> None:
    with pytest.raises(InvalidPolicy) as refusal:
        make_policy(name="", proving_days=0, notice=timedelta(), quiet_zone="nowhere")
    assert len(refusal.value.problems) == 4


@given(policies())
def test_what_is_within_the_limits_is_accepted(policy: Policy) -> None:
    assert policy.patience >= max(step.after for step in (policy.invitation, *policy.cadence))


def test_a_policy_may_have_no_reminders_but_the_invitation() -> None:
    assert make_policy(cadence=()).cadence == ()


def test_a_policy_without_a_cap_needs_no_window_for_it() -> None:
    assert make_policy(cap=0, cap_window=timedelta()).cap == 0


def test_a_policy_may_have_no_quiet_hours() -> None:
    assert make_policy(quiet_from=time(0), quiet_until=time(0)).quiet_from == time(0)
