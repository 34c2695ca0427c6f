"""What a journey costs Temporal, what it must never tell it, and that old histories still replay."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.testing import WorkflowEnvironment

from store import Database
from tests.temporal import journey_worker
from tests.workflows.lives import Life
from tests.workflows.replays.replaying import HISTORIES, replay
from tests.workflows.test_migration import CALM, World
from workflows.migration import MigrationWorkflow
from workflows.recovery import RecoveryWorkflow
from workflows.rollout import RolloutWorkflow

MOST_EVENTS = 45
MOST_BYTES = 8 * 1024
SECOND = timedelta(seconds=1)


async def test_a_happy_journey_is_short_in_events_and_in_bytes(world: World) -> None:
    life = await happy_life(*world)
    events = (await life.history()).events
    assert len(events) <= MOST_EVENTS
    assert sum(event.ByteSize() for event in events) <= MOST_BYTES


async def test_a_history_holds_no_personal_data(world: World, lives: type[Life]) -> None:
    life = await happy_life(*world, lives)
    account = life.account()
    recorded = (await life.history()).to_json()
    assert account.email
    assert account.email not in recorded
    assert account.phone
    assert account.phone not in recorded


async def test_a_journey_is_deterministic_when_every_wake_up_replays_it_from_the_start(
    environment: WorkflowEnvironment, sqlite_database: Database, lives: type[Life]
) -> None:
    async with journey_worker(environment.client, sqlite_database, max_cached_workflows=0):
        life = await happy_life(environment, sqlite_database, lives)
    assert (await life.history()).events


@pytest.mark.parametrize("recorded", sorted(HISTORIES.glob("*.json")), ids=lambda path: path.stem)
async def test_a_workflow_recorded_by_an_earlier_release_replays_to_the_second(recorded: Path) -> None:
    await replay(recorded)


@pytest.mark.parametrize("workflow", [MigrationWorkflow, RolloutWorkflow, RecoveryWorkflow])
def test_there_are_recorded_histories_of_each_workflow(workflow: type) -> None:
    assert any(f'"name": "{workflow.__name__}"' in path.read_text() for path in HISTORIES.glob("*.json"))


async def happy_life(environment: WorkflowEnvironment, database: Database, lives: type[Life] = Life) -> Life:
    """Four facts arrive one by one, each told and acted on before the next, and nobody needs a reminder.

    It runs on the real clock, because moving a journey's clock leaves events of its own in the history.
    """
    life = await lives.begin(environment, database, replace(CALM, notice=SECOND, probation=SECOND))
    await life.settled()
    await life.verify_email()
    await life.settled()
    passkey_id = await life.bind_passkey()
    await life.settled()
    await life.sign_in_with(passkey_id)
    await life.settled()
    await life.keep_recovery_codes()
    await life.handle.result()
    return life
