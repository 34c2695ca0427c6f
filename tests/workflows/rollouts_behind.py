"""Rollouts that know less than the database: an answer was lost on its way to them, or Temporal has a backup."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from temporalio.client import WorkflowHistory
from temporalio.testing import WorkflowEnvironment

from domain.facts import SmsState
from domain.rollouts.rollout import Command, Stage, Standing
from store import Database
from store.rollouts import cohorts
from tests.waiting import eventually
from tests.workflows.rollout_scenarios import ONE_BY_ONE, SELDOM, RolloutScenario, histories_of
from tests.workflows.rollouts import Trial, people, sms_of, suspend
from tests.workflows.test_rollout import LATER, SLOW
from workflows import rollouts


def written_behind_its_back(trial: Trial, stage: Stage, **description: Any) -> Standing:
    """Write down another stage, and another description, of which the rollout does not hear; returns the standing."""
    now, before = datetime.now(UTC), trial.standing()
    paused_from = before.stage if stage is Stage.PAUSED else None
    standing = before.to(stage, at=now, because="olga: a test", paused_from=paused_from)
    with trial.database.transaction() as session:
        cohorts.stand(session, trial.cohort_id, standing)
        if description:
            described = replace(trial.described(), **description)
            cohorts.describe_anew(session, trial.cohort_id, described, at=now)
    return standing


async def aborted_in_the_database(
    environment: WorkflowEnvironment, database: Database
) -> list[WorkflowHistory]:
    """The database says that the rollout was aborted, which its next assessment notices."""
    ids = people(database, 4)
    trial = await Trial.begin(environment, database, policy=LATER, waves=SLOW)
    await trial.until(Stage.BAKING)
    suspend(database, ids, at=datetime.now(UTC))
    written_behind_its_back(trial, Stage.ABORTED)
    await eventually(lambda: sms_of(database, ids) == {SmsState.ON: 4}, "SMS is on again")
    return await histories_of(trial)


async def behind_in_a_launch_and_in_an_order(
    environment: WorkflowEnvironment, database: Database
) -> list[WorkflowHistory]:
    """A launch comes back early, because the database says paused; later an order meets what the database says."""
    people(database, 5)
    trial = await Trial.begin(
        environment, database, policy=LATER, waves=SLOW, pace=ONE_BY_ONE, assess_every=SELDOM
    )
    await trial.until_launched(1)
    written_behind_its_back(trial, Stage.PAUSED, pace=60_000)
    await knows(trial, Stage.PAUSED)
    await trial.order(Command.RESUME)
    await trial.until(Stage.BAKING)
    written_behind_its_back(trial, Stage.PAUSED)
    await trial.order(Command.ABORT, seen=None)
    return await histories_of(trial)


async def knows(trial: Trial, stage: Stage) -> None:
    """Wait until the rollout itself stands at a stage."""
    handle = trial.environment.client.get_workflow_handle(rollouts.workflow_id(trial.cohort_id))

    async def stands() -> bool:
        standing: Standing = await handle.query("standing", result_type=Standing)
        return standing.stage is stage

    await eventually(stands, f"the rollout knows that it is {stage}")


BEHIND: dict[str, RolloutScenario] = {
    "rollout-aborted-in-the-database": aborted_in_the_database,
    "rollout-behind-in-a-launch": behind_in_a_launch_and_in_an_order,
}
