"""A rollout that knows less than the database goes by the database: nothing that was stopped comes back to life."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from temporalio.testing import WorkflowEnvironment

from domain.facts import SmsState
from domain.messages.messages import Queue
from domain.rollouts.cohorts import Wave
from domain.rollouts.edits import Edit
from domain.rollouts.rollout import Command, CommandRefused, Stage
from store import Database
from tests.waiting import eventually
from tests.workflows.rollouts import Trial, people, sms_of, suspend
from tests.workflows.rollouts_behind import knows, written_behind_its_back
from tests.workflows.test_rollout import LATER, SLOW
from workflows import rollouts
from workflows.rollout import RolloutWorkflow
from workflows.rollout_input import RolloutInput

World = tuple[WorkflowEnvironment, Database]
HOUR = timedelta(hours=1)


async def put_back(trial: Trial, backup: RolloutInput) -> None:
    """Let Temporal know of the rollout what it knew at the time of a backup."""
    await trial.environment.client.start_workflow(
        RolloutWorkflow.run, backup, id=rollouts.workflow_id(trial.cohort_id), task_queue=Queue.JOURNEYS
    )


def backup_of(trial: Trial) -> RolloutInput:
    return RolloutInput(
        cohort_id=trial.cohort_id, cohort=trial.described(), standing=trial.standing(), is_enrolled=True
    )


@pytest.mark.parametrize("command", [Command.ABORT, Command.ROLLBACK])
@pytest.mark.parametrize("step", ["an assessment", "the end of a launch", "an order"])
async def test_a_rollout_that_was_given_up_stays_so_when_temporal_has_it_from_before(
    world: World, command: Command, step: str
) -> None:
    environment, database = world
    people(database, 4)
    every = timedelta(seconds=1) if step == "an assessment" else HOUR
    trial = await Trial.begin(environment, database, policy=LATER, waves=SLOW, assess_every=every)
    launching = backup_of(trial)
    await trial.until(Stage.BAKING)
    baking = backup_of(trial)
    given_up = await trial.order(command)
    await trial.closed()
    entries = len(trial.entries())
    await put_back(trial, launching if step == "the end of a launch" else baking)
    if step == "an order":
        with pytest.raises(CommandRefused, match="it is over"):
            await trial.order(Command.ADVANCE, seen=None)
    await trial.closed()
    assert trial.standing() == given_up
    assert len(trial.entries()) == entries + (step == "an order")  # the refusal


async def test_what_was_given_up_in_the_database_alone_is_carried_out(world: World) -> None:
    environment, database = world
    ids = people(database, 3)
    trial = await Trial.begin(environment, database, policy=LATER, waves=SLOW)
    await trial.until(Stage.BAKING)
    suspend(database, ids, at=datetime.now(UTC))
    written_behind_its_back(trial, Stage.ABORTED)
    await eventually(lambda: sms_of(database, ids) == {SmsState.ON: 3}, "SMS is on again")
    await trial.closed()
    assert trial.kinds()["taken_back"] == 1


async def test_a_launch_of_a_wave_that_is_long_over_starts_nobody_and_the_rollout_goes_on(
    world: World,
) -> None:
    environment, database = world
    people(database, 30)
    waves = (Wave(percent=40, bake=HOUR), Wave(percent=70, bake=HOUR), Wave(percent=100, bake=HOUR))
    trial = await Trial.begin(environment, database, policy=LATER, waves=waves, assess_every=HOUR)
    backup = backup_of(trial)
    await trial.until(Stage.BAKING)
    await trial.order(Command.ADVANCE)
    await trial.until(Stage.BAKING, wave=1)
    handle = environment.client.get_workflow_handle(rollouts.workflow_id(trial.cohort_id))
    await handle.terminate("Temporal's backup is put back")
    await put_back(trial, backup)
    await knows(trial, Stage.BAKING)
    assert trial.standing().wave == 1
    launched = len(trial.launched())
    assert launched < 30
    await trial.order(Command.ADVANCE)
    await trial.until(Stage.BAKING, wave=2)
    assert len(trial.launched()) == 30


async def test_a_rollout_goes_by_what_was_written_down_and_lost_on_its_way(world: World) -> None:
    environment, database = world
    people(database, 1)
    trial = await Trial.begin(environment, database, waves=SLOW)
    await trial.until(Stage.BAKING)
    lost = written_behind_its_back(trial, Stage.PAUSED, pace=7)
    await knows(trial, Stage.PAUSED)
    assert (trial.standing(), trial.described().pace) == (lost, 7)
    assert (await trial.order(Command.RESUME)).stage is Stage.BAKING


async def test_an_abort_of_what_was_written_down_and_lost_is_taken_at_once(world: World) -> None:
    environment, database = world
    people(database, 1)
    trial = await Trial.begin(environment, database, waves=SLOW, assess_every=HOUR)
    await trial.until(Stage.BAKING)
    written_behind_its_back(trial, Stage.PAUSED)
    assert (await trial.order(Command.ABORT)).stage is Stage.ABORTED
    assert trial.standing().stage is Stage.ABORTED


async def test_an_order_for_what_stands_elsewhere_by_now_is_refused_and_changes_nothing(world: World) -> None:
    environment, database = world
    people(database, 1)
    trial = await Trial.begin(environment, database, waves=SLOW, assess_every=HOUR)
    await trial.until(Stage.BAKING)
    seen = trial.standing().version
    lost = written_behind_its_back(trial, Stage.PAUSED)
    with pytest.raises(CommandRefused, match="moved on since you looked: it is paused"):
        await trial.order(Command.ADVANCE, seen=seen)
    assert trial.standing() == lost


async def test_an_edit_goes_on_top_of_what_was_written_down_and_lost(world: World) -> None:
    environment, database = world
    people(database, 1)
    trial = await Trial.begin(environment, database, waves=SLOW, assess_every=HOUR)
    await trial.until(Stage.BAKING)
    written_behind_its_back(trial, Stage.PAUSED)
    edit = Edit(cohort=replace(trial.described(), pace=9), by="olga", reason="a test")
    await rollouts.edit(environment.client, database, trial.cohort_id, edit, now=datetime.now(UTC))
    assert (trial.standing().stage, trial.described().pace) == (Stage.PAUSED, 9)
