"""What a rollout waits for is said by one rule, for the workflow that waits and for the pages that tell it."""

from dataclasses import replace
from datetime import time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.rollouts.awaited import ASSESSMENTS_PER_LAUNCH, Awaited, launches_until, wait
from domain.rollouts.cohorts import Cohort
from domain.rollouts.launch_windows import Freeze, LaunchWindows
from domain.rollouts.rollout import OVER, Stage, Standing
from tests.clocks import START
from tests.factories import make_cohort

DAY = timedelta(days=1)
COHORT = make_cohort()
FROZEN = replace(
    COHORT, windows=LaunchWindows(freezes=(Freeze(begins=START - DAY, ends=START + DAY, reason="a sale"),))
)
_FOR_EVER = Freeze(begins=START - DAY, ends=START + 900 * DAY, reason="the end")
SHUT = replace(COHORT, windows=LaunchWindows(opens=time(9), closes=time(10), freezes=(_FOR_EVER,)))


def test_a_launch_waits_for_its_windows_and_for_nothing_else() -> None:
    launching = Standing(since=START)
    assert wait(launching, COHORT, now=START).awaited is Awaited.LAUNCHES
    frozen = wait(launching, FROZEN, now=START)
    assert (frozen.awaited, frozen.until) == (Awaited.WINDOW, START + DAY)
    assert wait(launching, SHUT, now=START).awaited is Awaited.NO_WINDOW


def test_a_bake_is_waited_for_until_its_end_and_then_a_verdict() -> None:
    baking = Standing(stage=Stage.BAKING, since=START, bakes_until=START + DAY)
    assert wait(baking, COHORT, now=START).until == START + DAY
    assert wait(baking, COHORT, now=START + DAY).awaited is Awaited.VERDICT


@pytest.mark.parametrize(
    ("stage", "awaited"),
    [
        (Stage.PAUSED, Awaited.ORDER),
        (Stage.DONE, Awaited.JOURNEYS),
        *((stage, Awaited.NOTHING) for stage in sorted(OVER)),
    ],
)
def test_a_stage_without_a_moment_waits_for_somebody(stage: Stage, awaited: Awaited) -> None:
    assert wait(Standing(stage=stage, since=START), COHORT, now=START).awaited is awaited


@given(st.sampled_from(Stage), st.sampled_from([COHORT, FROZEN, SHUT]), st.booleans())
def test_nobody_is_launched_in_another_stage_outside_a_window_or_under_suspicion(
    stage: Stage, cohort: Cohort, is_suspected: bool
) -> None:
    standing = Standing(stage=stage, since=START, suspected_at=START if is_suspected else None)
    launches = stage is Stage.LAUNCHING and cohort is COHORT and not is_suspected
    assert wait(standing, cohort, now=START).is_launching is launches


def test_a_launch_comes_back_when_its_window_closes_and_now_and_then() -> None:
    assert launches_until(COHORT, now=START) == START + ASSESSMENTS_PER_LAUNCH * COHORT.assess_every
    soon = Freeze(begins=START + timedelta(minutes=1), ends=START + DAY, reason="a sale")
    closing = replace(COHORT, windows=LaunchWindows(freezes=(soon,)))
    assert launches_until(closing, now=START) == soon.begins
