"""Edits and orders are obeyed at once, by one of their authors, until the last journey has ended."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from temporalio.testing import WorkflowEnvironment

from domain.facts import SmsState
from domain.journey import JourneyOutcome
from domain.rollouts.awaited import Awaited, wait
from domain.rollouts.cohorts import Wave
from domain.rollouts.guardrails import Reaction
from domain.rollouts.launch_windows import Freeze, LaunchWindows
from domain.rollouts.rollout import Command, CommandRefused, Stage, Standing
from store import Database
from store.journeys import journeys
from store.messages import hand_overs
from store.rollouts import cohorts
from tests.waiting import eventually
from tests.workflows.rollouts import (
    BRISK,
    SECOND,
    Trial,
    people,
    restore_by_person,
    sms_of,
    suspend,
    together,
)
from tests.workflows.test_rollout import LATER, NO_RESTORES, SLOW
from workflows import rollouts

World = tuple[WorkflowEnvironment, Database]

HOUR = timedelta(hours=1)
AT_ONCE_MORE = 2 * 10
"""Two batches at 120 a minute: the batch under way when the edit comes, and the batch that its answer crosses."""


def frozen() -> LaunchWindows:
    now = datetime.now(UTC)
    return LaunchWindows(freezes=(Freeze(begins=now - HOUR, ends=now + HOUR, reason="a sale"),))


def awaited(trial: Trial) -> Awaited:
    return wait(trial.standing(), trial.described(), now=datetime.now(UTC)).awaited


async def test_a_freeze_that_is_edited_in_stops_a_launch_and_its_end_starts_it_again(world: World) -> None:
    environment, database = world
    people(database, 60)
    trial = await Trial.begin(environment, database, waves=SLOW, pace=120, policy=LATER)
    await trial.until_launched(5)
    await trial.edit(windows=frozen())
    stopped_at = len(trial.launched())
    assert awaited(trial) is Awaited.WINDOW
    await trial.assessed(times=3)
    assert len(trial.launched()) <= stopped_at + AT_ONCE_MORE < 60
    before = len(trial.launched())
    await trial.assessed(times=3)
    assert len(trial.launched()) == before
    await trial.edit(windows=LaunchWindows(), pace=60_000)
    await trial.until(Stage.BAKING)
    assert len(trial.launched()) == 60


async def test_opened_windows_start_a_launch_that_waits_for_them(world: World) -> None:
    environment, database = world
    people(database, 3)
    trial = await Trial.begin(environment, database, waves=SLOW, windows=frozen(), policy=LATER)
    await trial.assessed()
    assert (awaited(trial), trial.launched()) == (Awaited.WINDOW, [])
    await trial.edit(windows=LaunchWindows())
    await trial.until(Stage.BAKING)
    assert len(trial.launched()) == 3


async def test_how_often_to_assess_and_how_long_to_bake_are_heard_in_the_middle_of_a_wave(
    world: World,
) -> None:
    environment, database = world
    people(database, 4)
    trial = await Trial.begin(environment, database, waves=SLOW, assess_every=HOUR, policy=LATER)
    await trial.until(Stage.BAKING)
    await trial.edit(assess_every=SECOND)
    await trial.assessed()
    assert trial.standing().stage is Stage.BAKING
    await trial.edit(waves=(Wave(percent=100, bake=SECOND),))
    await trial.until(Stage.DONE)


async def test_of_five_edits_at_once_one_is_taken_and_four_are_told_why(world: World) -> None:
    environment, database = world
    people(database, 1)
    trial = await Trial.begin(environment, database, waves=SLOW)
    await trial.until(Stage.BAKING)
    seen = trial.standing().version
    answers = await together(*(trial.edit(seen=seen, pace=pace) for pace in range(11, 16)))
    taken = [answer for answer in answers if isinstance(answer, Standing)]
    refused = [str(answer) for answer in answers if isinstance(answer, CommandRefused)]
    assert (len(taken), len(refused)) == (1, 4)
    assert all("moved on since you looked" in refusal for refusal in refused)
    assert taken[0].version == seen + 1 == trial.standing().version
    kinds = trial.kinds()
    assert (kinds["edit"], kinds["edit_refused"]) == (1, 4)
    assert trial.described().pace in range(11, 16)


async def test_of_two_advances_at_once_one_is_taken(world: World) -> None:
    environment, database = world
    people(database, 40)
    three = tuple(Wave(percent=percent, bake=HOUR) for percent in (40, 70, 100))
    trial = await Trial.begin(environment, database, waves=three)
    await trial.until(Stage.BAKING)
    seen = trial.standing().version
    answers = await together(*(trial.order(Command.ADVANCE, seen=seen) for _ in range(2)))
    assert sorted(type(answer).__name__ for answer in answers) == ["CommandRefused", "Standing"]
    await trial.until(Stage.BAKING, wave=1)
    with pytest.raises(CommandRefused, match="you mean wave 1, and the rollout is in wave 2"):
        await trial.order(Command.ADVANCE, wave=0)
    assert trial.standing().wave == 1


async def test_an_edit_is_not_written_down_before_the_rollout_has_taken_it(world: World) -> None:
    environment, database = world
    people(database, 1)
    trial = await Trial.begin(environment, database, waves=SLOW)
    await trial.until(Stage.BAKING)
    with pytest.raises(CommandRefused, match="moved on since you looked"):
        await trial.edit(seen=999, pace=7)
    assert trial.described().pace == BRISK.pace
    (entry,) = [entry for entry in trial.entries() if entry.kind == "edit_refused"]
    assert (entry.by, entry.reason) == ("olga", "a test")


async def test_a_rollout_that_launches_nobody_new_is_watched_and_obeys(world: World) -> None:
    environment, database = world
    ids = people(database, 6)
    trial = await Trial.begin(environment, database, policy=LATER)
    await trial.until(Stage.DONE)
    await trial.assessed()
    await trial.order(Command.PAUSE)
    await trial.assessed()  # a pause is watched, too
    assert (await trial.order(Command.RESUME)).stage is Stage.DONE
    await trial.edit(pace=7)
    assert trial.described().pace == 7
    suspend(database, ids, at=datetime.now(UTC))
    await trial.order(Command.ABORT)
    await eventually(lambda: sms_of(database, ids) == {SmsState.ON: 6}, "SMS is on again")


async def test_a_wave_that_is_added_after_the_last_is_launched(world: World) -> None:
    environment, database = world
    people(database, 40)
    trial = await Trial.begin(environment, database, policy=LATER, waves=(Wave(percent=50, bake=SECOND),))
    await trial.until(Stage.DONE)
    assert len(trial.launched()) < 40
    await trial.edit(waves=(Wave(percent=50, bake=SECOND), Wave(percent=100, bake=SECOND)))
    await eventually(lambda: len(trial.launched()) == 40, "the added wave is launched")


async def test_a_rollout_ends_with_its_last_journey(world: World) -> None:
    environment, database = world
    ids = people(database, 2)
    trial = await Trial.begin(environment, database, policy=LATER)
    await trial.until(Stage.DONE)
    _end(database, ids[0])
    await trial.assessed(times=2)
    assert trial.standing().stage is Stage.DONE
    _end(database, ids[1])
    await trial.until(Stage.ENDED)
    await trial.closed()


async def test_a_rollback_takes_back_every_wave_and_says_how_many_of_each(world: World) -> None:
    environment, database = world
    people(database, 30)
    trial = await Trial.begin(
        environment, database, policy=LATER, waves=(Wave(percent=50, bake=HOUR), Wave(percent=100, bake=HOUR))
    )
    await trial.until(Stage.BAKING)
    first = [member.account_id for member in trial.launched()]
    suspend(database, first, at=datetime.now(UTC))
    await trial.edit(windows=frozen())
    await trial.order(Command.ADVANCE)
    assert (trial.standing().stage, trial.standing().wave) == (Stage.LAUNCHING, 1)
    await trial.order(Command.ROLLBACK)
    await eventually(lambda: trial.kinds()["taken_back"] == 1, "the rollback is over")
    assert sms_of(database, first) == {SmsState.ON: len(first)}
    assert trial.entries()[0].detail == {"wave 1": len(first)}


async def test_a_rollout_of_an_older_release_that_ended_with_its_last_wave_still_obeys(world: World) -> None:
    environment, database = world
    ids = people(database, 3)
    trial = await Trial.begin(environment, database, policy=LATER)
    await trial.until(Stage.DONE)
    handle = environment.client.get_workflow_handle(rollouts.workflow_id(trial.cohort_id))
    await handle.terminate("older releases ended here")
    people(database, 2)  # who comes later is no member
    suspend(database, ids, at=datetime.now(UTC))
    await trial.order(Command.ROLLBACK)
    await eventually(lambda: sms_of(database, ids) == {SmsState.ON: 3}, "SMS is on again")
    assert len(trial.launched()) == 3


def _take_sms_back(database: Database, account_ids: Sequence[str]) -> None:
    suspend(database, account_ids, at=datetime.now(UTC))
    restore_by_person(database, account_ids)


def _end(database: Database, account_id: str) -> None:
    with database.transaction() as session:
        journeys.end(session, account_id, JourneyOutcome.MIGRATED, at=datetime.now(UTC))


async def test_a_rollback_takes_two_looks_and_the_operators_hear_of_both(world: World) -> None:
    environment, database = world
    ids = people(database, 20)
    guardrail = replace(NO_RESTORES, reaction=Reaction.ROLLBACK)
    waves = (Wave(percent=99, bake=HOUR), Wave(percent=100, bake=HOUR))
    trial = await Trial.begin(environment, database, policy=LATER, waves=waves, guardrails=(guardrail,))
    await trial.until(Stage.BAKING)
    await trial.order(Command.EXTEND, extend_by=HOUR)
    _take_sms_back(database, ids[:10])
    await eventually(lambda: awaited(trial) is Awaited.SECOND_LOOK, "the first look has failed")
    _take_sms_back(database, ids[10:])
    await trial.until(Stage.ROLLED_BACK)
    reasons = [entry.reason for entry in reversed(trial.entries()) if entry.kind == "guardrail_failed"]
    assert reasons == ["sms_restores, in a first look", "sms_restores"]
    with database.reading() as session:
        letters = hand_overs.waited_for(session, now=datetime.now(UTC), limit=100)
    reactions = [letter.values["reaction"] for letter in letters if not letter.account_id]
    assert sorted(reactions) == ["look_again", "rollback"]


async def test_a_rollout_that_was_lost_while_it_took_back_goes_on_with_that(world: World) -> None:
    environment, database = world
    ids = people(database, 3)
    trial = await Trial.begin(environment, database, waves=SLOW, policy=LATER)
    await trial.until(Stage.BAKING)
    handle = environment.client.get_workflow_handle(rollouts.workflow_id(trial.cohort_id))
    await handle.terminate("lost")
    suspend(database, ids, at=datetime.now(UTC))
    with database.transaction() as session:
        standing = trial.standing().to(Stage.ABORTED, at=datetime.now(UTC))
        cohorts.stand(session, trial.cohort_id, standing)
    assert await rollouts.reconcile(environment.client, database) == 1
    await eventually(lambda: sms_of(database, ids) == {SmsState.ON: 3}, "SMS is on again")
    await trial.closed()
    assert await rollouts.reconcile(environment.client, database) == 0
