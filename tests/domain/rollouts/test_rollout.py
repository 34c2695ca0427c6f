"""A rollout takes the commands that make sense where it stands, and says why it does not take the others."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.rollouts.guardrails import Verdict
from domain.rollouts.rollout import (
    FROZEN,
    OVER,
    UNDER_WAY,
    Command,
    CommandRefused,
    Order,
    Stage,
    Standing,
    cleared,
    ended,
    judged,
    launched,
    obeyed,
    onward,
    require_taken,
    suspected,
)
from tests.clocks import START
from tests.factories import make_cohort

DAY = timedelta(days=1)
COHORT = make_cohort()
LAST = len(COHORT.waves) - 1

TABLE = {
    (Stage.LAUNCHING, Command.PAUSE): Stage.PAUSED,
    (Stage.LAUNCHING, Command.ABORT): Stage.ABORTED,
    (Stage.LAUNCHING, Command.ROLLBACK): Stage.ROLLED_BACK,
    (Stage.BAKING, Command.PAUSE): Stage.PAUSED,
    (Stage.BAKING, Command.ADVANCE): Stage.LAUNCHING,
    (Stage.BAKING, Command.EXTEND): Stage.BAKING,
    (Stage.BAKING, Command.ABORT): Stage.ABORTED,
    (Stage.BAKING, Command.ROLLBACK): Stage.ROLLED_BACK,
    (Stage.HOLDING, Command.PAUSE): Stage.PAUSED,
    (Stage.HOLDING, Command.ADVANCE): Stage.LAUNCHING,
    (Stage.HOLDING, Command.EXTEND): Stage.BAKING,
    (Stage.HOLDING, Command.ABORT): Stage.ABORTED,
    (Stage.HOLDING, Command.ROLLBACK): Stage.ROLLED_BACK,
    (Stage.PAUSED, Command.RESUME): Stage.BAKING,
    (Stage.PAUSED, Command.ABORT): Stage.ABORTED,
    (Stage.PAUSED, Command.ROLLBACK): Stage.ROLLED_BACK,
    (Stage.DONE, Command.PAUSE): Stage.PAUSED,
    (Stage.DONE, Command.ABORT): Stage.ABORTED,
    (Stage.DONE, Command.ROLLBACK): Stage.ROLLED_BACK,
}
"""Every command that is taken, and where it leads; all others are refused."""


def order(command: Command, **changes: Any) -> Order:
    said: dict[str, Any] = {"command": command, "by": "olga", "reason": "numbers", "extend_by": DAY}
    return Order(**(said | changes))


def standing_at(stage: Stage, **changes: Any) -> Standing:
    paused_from = Stage.BAKING if stage is Stage.PAUSED else None
    return replace(
        Standing(stage=stage, version=4, since=START, bakes_until=START + DAY, paused_from=paused_from),
        **changes,
    )


def obey(command: Command, standing: Standing, *, at: datetime = START, **changes: Any) -> Standing:
    given_order = order(command, **changes)
    require_taken(given_order, standing)
    return obeyed(given_order, standing, COHORT, at=at)


@pytest.mark.parametrize("stage", Stage)
@pytest.mark.parametrize("command", Command)
def test_a_command_leads_where_the_table_says_or_is_refused_with_a_reason(
    stage: Stage, command: Command
) -> None:
    standing = standing_at(stage)
    if (stage, command) in TABLE:
        after = obey(command, standing)
        assert after.stage is TABLE[stage, command]
        assert after.version == standing.version + 1
        assert (after.since, after.because) == (START, "olga: numbers")
    else:
        with pytest.raises(CommandRefused, match=f"{command} is not possible while the rollout is {stage}"):
            require_taken(order(command), standing)


@pytest.mark.parametrize("stage", Stage)
def test_a_refusal_says_what_is_possible_instead(stage: Stage) -> None:
    with pytest.raises(CommandRefused) as refused:
        require_taken(order(Command.LAUNCH), standing_at(stage))
    possible = [command for command in Command if (stage, command) in TABLE]
    assert all(command in str(refused.value) for command in possible)
    assert ("it is over" in str(refused.value)) is (not possible)


def test_a_rollout_is_under_way_or_over() -> None:
    assert set(Stage) == UNDER_WAY | OVER
    assert not UNDER_WAY & OVER
    assert {stage for stage in Stage if Standing(stage=stage).is_frozen} == FROZEN


def test_everybody_is_launched_once_it_is_done_also_if_it_was_paused_then() -> None:
    launched_in = {stage for stage in Stage if Standing(stage=stage).is_all_launched}
    assert launched_in == {Stage.DONE, Stage.ENDED}
    assert Standing(stage=Stage.PAUSED, paused_from=Stage.DONE).is_all_launched
    assert not Standing(stage=Stage.PAUSED, paused_from=Stage.BAKING).is_all_launched


@st.composite
def standings(draw: st.DrawFn) -> Standing:
    """Anywhere a rollout of two waves can stand."""
    stage = draw(st.sampled_from(Stage))
    return standing_at(
        stage,
        wave=draw(st.integers(0, LAST)),
        version=draw(st.integers(1, 1000)),
        bakes_until=draw(st.none() | st.just(START + DAY)),
        paused_from=draw(st.sampled_from(sorted(UNDER_WAY - {Stage.PAUSED})))
        if stage is Stage.PAUSED
        else None,
    )


@given(standings(), st.lists(st.sampled_from(Command) | st.sampled_from(Verdict), max_size=30))
def test_whatever_happens_the_version_grows_and_no_wave_is_taken_twice(
    standing: Standing, happenings: list[Command | Verdict]
) -> None:
    at = START
    for happening in happenings:
        at += DAY
        before, standing = standing, after(standing, happening, at=at)
        assert standing is before or standing.version == before.version + 1
        assert before.wave <= standing.wave <= LAST
        assert before.stage not in OVER or standing is before


def after(standing: Standing, happening: Command | Verdict, *, at: datetime) -> Standing:
    if isinstance(happening, Verdict):
        is_launching = standing.stage is Stage.LAUNCHING
        return (
            launched(standing, COHORT, at=at) if is_launching else judged(standing, COHORT, happening, at=at)
        )
    try:
        return obey(happening, standing, at=at)
    except CommandRefused:
        return standing


@given(standings(), st.sampled_from(Command), st.integers(0, 2000))
def test_who_looked_at_something_else_is_told_to_look_again(
    standing: Standing, command: Command, seen: int
) -> None:
    stops = command in (Command.PAUSE, Command.ABORT, Command.ROLLBACK)
    if seen < standing.version or (seen > standing.version and not stops):
        with pytest.raises(CommandRefused, match="moved on since you looked"):
            require_taken(order(command, seen=seen), standing)


def test_of_two_opposite_buttons_the_second_is_refused() -> None:
    seen = standing_at(Stage.BAKING)
    advanced = obey(Command.ADVANCE, seen, seen=seen.version)
    with pytest.raises(CommandRefused, match=r"it is launching now \(olga: numbers\)"):
        require_taken(order(Command.ABORT, seen=seen.version), advanced)
    assert obey(Command.ABORT, advanced, seen=advanced.version).stage is Stage.ABORTED


@pytest.mark.parametrize("reason", ["", "  "])
def test_a_command_needs_a_reason(reason: str) -> None:
    with pytest.raises(CommandRefused, match="say why"):
        require_taken(order(Command.PAUSE, reason=reason), standing_at(Stage.BAKING))


@pytest.mark.parametrize("by", [None, timedelta(), -DAY])
def test_extending_needs_a_time(by: timedelta | None) -> None:
    with pytest.raises(CommandRefused, match="by how long"):
        require_taken(order(Command.EXTEND, extend_by=by), standing_at(Stage.BAKING))


@pytest.mark.parametrize("command", [Command.ADVANCE, Command.EXTEND])
def test_an_order_about_another_wave_than_this_is_refused(command: Command) -> None:
    in_the_second = standing_at(Stage.BAKING, wave=1)
    with pytest.raises(CommandRefused, match="you mean wave 1, and the rollout is in wave 2"):
        require_taken(order(command, wave=0), in_the_second)
    assert obey(command, in_the_second, wave=1).version == in_the_second.version + 1


def test_a_rollback_takes_back_every_wave_so_far_or_those_that_are_named() -> None:
    in_the_second = standing_at(Stage.LAUNCHING, wave=1)
    assert obey(Command.ROLLBACK, in_the_second).takes_back == (0, 1)
    assert obey(Command.ROLLBACK, in_the_second, takes_back=(0,)).takes_back == (0,)


def test_who_saw_what_was_lost_before_the_rollout_knew_may_still_stop_it() -> None:
    lost = standing_at(Stage.BAKING).version + 1
    assert obey(Command.ABORT, standing_at(Stage.BAKING), seen=lost).stage is Stage.ABORTED
    with pytest.raises(CommandRefused, match="moved on since you looked"):
        obey(Command.ADVANCE, standing_at(Stage.BAKING), seen=lost)


def test_a_rollback_of_a_wave_that_was_not_launched_is_refused() -> None:
    with pytest.raises(CommandRefused, match="wave 2, 9 was not launched"):
        obey(Command.ROLLBACK, standing_at(Stage.BAKING), takes_back=(0, 1, 8))


@pytest.mark.parametrize("stage", sorted(UNDER_WAY - {Stage.PAUSED}))
def test_an_operator_ends_a_suspicion_by_resuming(stage: Stage) -> None:
    doubted = suspected(standing_at(stage), at=START, because="failed: lock_outs")
    resumed = obey(Command.RESUME, doubted)
    assert (resumed.stage, resumed.suspected_at) == (stage, None)
    paused = obey(Command.PAUSE, doubted)
    assert obey(Command.RESUME, paused).suspected_at is None


@pytest.mark.parametrize("stage", [Stage.BAKING, Stage.HOLDING])
def test_a_suspicion_holds_the_wave_until_a_second_look_or_an_operator_ends_it(stage: Stage) -> None:
    doubted = suspected(standing_at(stage), at=START, because="failed: lock_outs")
    assert (doubted.stage, doubted.suspected_at, doubted.version) == (stage, START, 5)
    assert judged(doubted, COHORT, Verdict.PASSED, at=START + 9 * DAY) is doubted
    again = cleared(doubted, because="the second look passed")
    assert (again.stage, again.version) == (stage, doubted.version + 1)
    assert judged(again, COHORT, Verdict.PASSED, at=START + 9 * DAY).wave == 1
    assert obey(Command.ADVANCE, doubted).suspected_at is None


def test_only_a_rollout_that_launches_nobody_new_ends_with_its_last_journey() -> None:
    for stage in Stage:
        standing = standing_at(stage)
        expected = Stage.ENDED if stage is Stage.DONE else stage
        assert ended(standing, at=START).stage is expected


def test_extending_adds_to_what_is_left_or_starts_from_now() -> None:
    assert obey(Command.EXTEND, standing_at(Stage.BAKING)).bakes_until == START + 2 * DAY
    late = START + 5 * DAY
    assert obey(Command.EXTEND, standing_at(Stage.HOLDING), at=late).bakes_until == late + DAY


@pytest.mark.parametrize("stage", sorted(UNDER_WAY - {Stage.PAUSED}))
def test_a_resumed_rollout_goes_on_where_it_was_paused(stage: Stage) -> None:
    paused = obey(Command.PAUSE, standing_at(stage))
    resumed = obey(Command.RESUME, paused)
    assert (resumed.stage, resumed.wave, resumed.paused_from) == (stage, 0, None)


def test_a_pause_does_not_count_as_watching() -> None:
    paused = obey(Command.PAUSE, standing_at(Stage.BAKING), at=START + DAY / 2)
    resumed = obey(Command.RESUME, paused, at=START + 10 * DAY)
    assert resumed.bakes_until == START + 10 * DAY + DAY / 2


def test_a_launched_wave_bakes_for_its_time() -> None:
    baking = launched(Standing(), COHORT, at=START)
    assert (baking.stage, baking.bakes_until) == (Stage.BAKING, START + COHORT.waves[0].bake)


def test_a_wave_that_launched_nobody_is_passed_at_once_and_the_last_one_leads_to_the_end() -> None:
    passed = launched(Standing(), COHORT, at=START, is_empty=True)
    assert (passed.stage, passed.wave, passed.bakes_until) == (Stage.LAUNCHING, 1, None)
    assert passed.because == "wave 1 has nobody to launch"
    assert launched(Standing(wave=LAST), COHORT, at=START, is_empty=True).stage is Stage.DONE


@pytest.mark.parametrize("verdict", Verdict)
@pytest.mark.parametrize("stage", Stage)
def test_nothing_follows_from_a_verdict_before_the_time_is_over(stage: Stage, verdict: Verdict) -> None:
    standing = standing_at(stage)
    assert judged(standing, COHORT, verdict, at=START + DAY - timedelta(seconds=1)) is standing


@pytest.mark.parametrize("stage", [Stage.BAKING, Stage.HOLDING])
def test_only_a_pass_leads_on(stage: Stage) -> None:
    standing = standing_at(stage)
    passed = judged(standing, COHORT, Verdict.PASSED, at=START + DAY)
    assert (passed.stage, passed.wave, passed.bakes_until) == (Stage.LAUNCHING, 1, None)
    for verdict in (Verdict.INCONCLUSIVE, Verdict.FAILED):
        held = judged(standing, COHORT, verdict, at=START + DAY)
        assert (held.stage, held.wave) == (Stage.HOLDING, 0)


def test_a_wave_that_is_held_already_stays_as_it_is() -> None:
    held = standing_at(Stage.HOLDING)
    assert judged(held, COHORT, Verdict.INCONCLUSIVE, at=START + 2 * DAY) is held


@pytest.mark.parametrize("stage", sorted(set(Stage) - {Stage.BAKING, Stage.HOLDING}))
@pytest.mark.parametrize("verdict", Verdict)
def test_a_verdict_moves_nobody_who_is_not_being_watched(stage: Stage, verdict: Verdict) -> None:
    standing = standing_at(stage)
    assert judged(standing, COHORT, verdict, at=START + 9 * DAY) is standing


def test_after_the_last_wave_it_is_done() -> None:
    assert onward(standing_at(Stage.BAKING, wave=LAST), COHORT, at=START).stage is Stage.DONE
