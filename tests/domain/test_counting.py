"""A rollout that is over leaves the metrics after two weeks, and one under way never does."""

from datetime import datetime, timedelta

import pytest

from domain.counting import BOUNDS, KEPT_AFTER_THE_END, Timing, has_left, leaves_at
from domain.rollouts.rollout import OVER, UNDER_WAY, Stage, Standing
from tests.clocks import START


def leaving(stage: Stage, since: datetime | None = START) -> datetime | None:
    return leaves_at(Standing(stage=stage, since=since))


@pytest.mark.parametrize("stage", sorted(OVER))
def test_a_rollout_that_is_over_leaves_two_weeks_after_its_end(stage: Stage) -> None:
    at = START + KEPT_AFTER_THE_END
    standing = Standing(stage=stage, since=START)
    assert leaves_at(standing) == at
    assert not has_left(standing, at - timedelta.resolution)
    assert has_left(standing, at)


@pytest.mark.parametrize("stage", sorted(UNDER_WAY))
def test_a_rollout_under_way_never_leaves(stage: Stage) -> None:
    assert leaving(stage) is None
    assert not has_left(Standing(stage=stage, since=START), START + 100 * KEPT_AFTER_THE_END)


def test_of_a_rollout_without_a_moment_nobody_knows_when_it_ended() -> None:
    assert leaving(Stage.ENDED, since=None) is None
    assert not has_left(Standing(stage=Stage.ENDED, since=None), START)


@pytest.mark.parametrize("timing", Timing)
def test_the_bounds_of_a_histogram_grow(timing: Timing) -> None:
    bounds = BOUNDS[timing]
    assert list(bounds) == sorted(set(bounds))
    assert bounds[0] > 0
