"""An edit is decided on one standing, moves nobody, and is followed from the moment that it is taken."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.rollouts.cohorts import Cohort, Wave, Who
from domain.rollouts.edits import Edit, edited, require_editable
from domain.rollouts.guardrails import Reaction
from domain.rollouts.rollout import OVER, UNDER_WAY, Command, CommandRefused, Order, Stage, Standing, obeyed
from tests.clocks import START
from tests.factories import make_cohort, make_guardrail

DAY = timedelta(days=1)
COHORT = make_cohort()
BAKING = Standing(stage=Stage.BAKING, version=4, since=START, bakes_until=START + DAY)


def edit_to(cohort: Cohort, seen: int | None = 4, reason: str = "slower") -> Edit:
    return Edit(cohort=cohort, by="olga", reason=reason, seen=seen)


def with_bake(bake: timedelta) -> Cohort:
    return replace(COHORT, waves=tuple(replace(wave, bake=bake) for wave in COHORT.waves))


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        (make_cohort(name="summer"), "name"),
        (make_cohort(include=Who(countries=("DE",))), "include"),
        (make_cohort(exclude=Who(countries=("DE",))), "exclude"),
        (make_cohort(holdout_percent=0), "holdout_percent"),
    ],
)
def test_what_would_move_somebody_may_not_change(changed: Cohort, named: str) -> None:
    with pytest.raises(CommandRefused, match=f"^{named} cannot change after the launch"):
        require_editable(edit_to(changed), BAKING, COHORT)


def test_a_wave_that_has_begun_stays() -> None:
    one_wave = replace(COHORT, waves=COHORT.waves[:1])
    require_editable(edit_to(one_wave), BAKING, COHORT)
    with pytest.raises(CommandRefused, match="the rollout is in wave 2"):
        require_editable(edit_to(one_wave), replace(BAKING, wave=1), COHORT)


def test_of_two_edits_decided_on_one_standing_the_second_is_refused() -> None:
    first = edited(BAKING, COHORT, edit_to(COHORT), at=START)
    assert first.version == BAKING.version + 1
    with pytest.raises(CommandRefused, match="moved on since you looked"):
        require_editable(edit_to(COHORT), first, COHORT)


@pytest.mark.parametrize("stage", sorted(OVER))
def test_a_rollout_that_is_over_takes_no_edit(stage: Stage) -> None:
    with pytest.raises(CommandRefused, match="the rollout is over"):
        require_editable(edit_to(COHORT), replace(BAKING, stage=stage), COHORT)


@pytest.mark.parametrize("stage", sorted(UNDER_WAY))
def test_a_rollout_under_way_takes_an_edit_and_stays_where_it_is(stage: Stage) -> None:
    standing = replace(BAKING, stage=stage, wave=len(COHORT.waves) - 1, because="olga: a reason")
    require_editable(edit_to(COHORT), standing, COHORT)
    after = edited(standing, COHORT, edit_to(COHORT), at=START + 2 * DAY)
    assert after == replace(standing, version=5)


def test_an_edit_needs_a_reason() -> None:
    with pytest.raises(CommandRefused, match="say why"):
        require_editable(edit_to(COHORT, reason=" "), BAKING, COHORT)


def test_a_longer_or_shorter_bake_moves_its_end_and_keeps_what_was_added_to_it() -> None:
    before = with_bake(3 * DAY)
    extended = replace(BAKING, bakes_until=START + 5 * DAY)
    assert edited(extended, before, edit_to(with_bake(DAY)), at=START).bakes_until == START + 3 * DAY
    assert edited(extended, before, edit_to(with_bake(4 * DAY)), at=START).bakes_until == START + 6 * DAY


def test_a_wave_that_is_held_is_watched_again_when_its_bake_becomes_longer() -> None:
    held = replace(BAKING, stage=Stage.HOLDING)
    longer = edited(held, with_bake(DAY), edit_to(with_bake(9 * DAY)), at=START + 2 * DAY)
    assert (longer.stage, longer.bakes_until) == (Stage.BAKING, START + 9 * DAY)
    paused = replace(held, stage=Stage.PAUSED, paused_from=Stage.HOLDING, since=START + 2 * DAY)
    assert edited(paused, with_bake(DAY), edit_to(with_bake(9 * DAY)), at=START).paused_from is Stage.BAKING


def test_a_wave_that_is_added_after_the_last_is_launched_next() -> None:
    last = len(COHORT.waves) - 1
    more = replace(COHORT, waves=(*COHORT.waves[:-1], Wave(percent=60, bake=DAY), Wave(percent=90, bake=DAY)))
    done = Standing(stage=Stage.DONE, version=4, wave=last, since=START)
    assert edited(done, COHORT, edit_to(more), at=START).stage is Stage.BAKING
    paused = replace(done, stage=Stage.PAUSED, paused_from=Stage.DONE)
    after = edited(paused, COHORT, edit_to(more), at=START + DAY)
    resumed = obeyed(
        Order(command=Command.RESUME, by="olga", reason="go on"), after, more, at=START + 2 * DAY
    )
    assert (resumed.stage, resumed.bakes_until) == (Stage.BAKING, START + 2 * DAY)


def test_a_suspicion_ends_when_other_guardrails_roll_back_from_now_on() -> None:
    suspected = replace(BAKING, suspected_at=START)
    rolls_back = make_guardrail(reaction=Reaction.ROLLBACK)
    before = replace(COHORT, guardrails=(rolls_back, make_guardrail(limit=0.3)))
    others = replace(before, guardrails=(rolls_back, make_guardrail(limit=0.31)))
    assert edited(suspected, before, edit_to(others), at=START).suspected_at == START
    milder = replace(before, guardrails=(replace(rolls_back, limit=0.9),))
    assert edited(suspected, before, edit_to(milder), at=START).suspected_at is None


@pytest.mark.parametrize("stage", [Stage.BAKING, Stage.HOLDING, Stage.DONE])
def test_a_wave_that_is_raised_after_its_launch_is_launched_again_for_who_is_new_to_it(stage: Stage) -> None:
    first, *later = COHORT.waves
    raised = replace(COHORT, waves=(replace(first, percent=first.percent + 1), *later))
    standing = replace(BAKING, stage=stage)
    after = edited(standing, COHORT, edit_to(raised), at=START)
    assert (after.stage, after.wave, after.bakes_until) == (Stage.LAUNCHING, 0, None)
    paused = replace(standing, stage=Stage.PAUSED, paused_from=stage)
    assert edited(paused, COHORT, edit_to(raised), at=START).paused_from is Stage.LAUNCHING
