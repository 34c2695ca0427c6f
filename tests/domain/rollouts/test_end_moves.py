"""An end date moves by an order of its own: never to a day without notice, and what is nearer is known to be."""

from datetime import timedelta

import pytest

from domain.presets import STANDARD
from domain.rollouts.edits import Edit, require_editable
from domain.rollouts.end_moves import (
    EndRefused,
    comes_nearer,
    moved,
    require_launchable,
    require_movable,
    with_end,
)
from domain.rollouts.rollout import CommandRefused, Stage, Standing
from domain.safety.end_dates import EndDate
from tests.clocks import START
from tests.factories import make_cohort, make_policy

DAY = timedelta(days=1)
END = EndDate(at=START + 90 * DAY)
COHORT = make_cohort(policy=make_policy(end=END, notice=7 * DAY, name="of spring"))
STANDING = Standing(stage=Stage.BAKING)


@pytest.mark.parametrize(
    ("before", "after", "nearer"),
    [
        (None, END, True),
        (END, EndDate(at=END.at - DAY), True),
        (END, EndDate(at=END.at + DAY), False),
        (END, None, False),
        (None, None, False),
    ],
)
def test_a_day_that_is_new_or_earlier_comes_nearer(
    before: EndDate | None, after: EndDate | None, nearer: bool
) -> None:
    assert comes_nearer(before, after) is nearer


@pytest.mark.parametrize("end", [EndDate(at=START + 7 * DAY), EndDate(at=END.at + DAY), None])
def test_a_move_is_taken_that_leaves_people_the_notice_of_the_policy(end: EndDate | None) -> None:
    require_movable(COHORT, end, now=START)
    assert moved(COHORT, end).policy.end == end


@pytest.mark.parametrize(
    ("end", "why"),
    [
        (END, "already"),
        (EndDate(at=START), "lies ahead"),
        (EndDate(at=START + 7 * DAY - timedelta(minutes=1)), "2026-03-09 12:00 UTC at most"),
    ],
)
def test_other_moves_are_refused_with_the_reason(end: EndDate, why: str) -> None:
    with pytest.raises(EndRefused, match=why):
        require_movable(COHORT, end, now=START)


def test_a_later_day_needs_no_notice() -> None:
    near = make_cohort(policy=make_policy(end=EndDate(at=START + DAY), name="of spring"))
    require_movable(near, EndDate(at=START + 2 * DAY), now=START)


def test_a_cohort_is_not_launched_whose_people_would_have_less_than_the_notice() -> None:
    require_launchable(COHORT, now=END.at - 7 * DAY)
    require_launchable(make_cohort(), now=END.at)
    with pytest.raises(EndRefused, match="less than the notice"):
        require_launchable(COHORT, now=END.at - 7 * DAY + timedelta(seconds=1))


def test_a_preset_becomes_the_cohorts_own_policy_by_an_end_date() -> None:
    assert with_end(STANDARD, END, cohort="spring").name == "standard for spring"
    assert with_end(COHORT.policy, None, cohort="spring").name == "of spring"


def test_an_edit_that_has_another_end_date_is_refused_unless_it_is_that_order() -> None:
    later = moved(COHORT, EndDate(at=END.at + DAY))
    with pytest.raises(CommandRefused, match="move-end"):
        require_editable(Edit(cohort=later, by="olga", reason="a test"), STANDING, COHORT)
    require_editable(Edit(cohort=later, by="olga", reason="a test", moves_end=True), STANDING, COHORT)
