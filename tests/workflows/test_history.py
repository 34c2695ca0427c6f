"""What a journey costs Temporal, what it must never tell it, and that old histories still replay."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Replayer

from store import Database
from tests.temporal import STRICT_SANDBOX, journey_worker
from tests.workflows.lives import Life
from tests.workflows.test_migration import CALM, World
from workflows.converter import data_converter
from workflows.migration import MigrationWorkflow

HISTORIES = Path(__file__).parent.parent / "histories"
MOST_EVENTS = 45
MOST_BYTES = 8 * 1024
SECOND = timedelta(seconds=1)


async def test_a_happy_journey_is_short_in_events_and_in_bytes(world: World) -> None:
    life = await happy_life(*world)
    events = (await life.history()).events
    assert len(events) <= MOST_EVENTS
    assert sum(event.ByteSize() for event in events) <= MOST_BYTES


async def test_a_history_holds_no_personal_data(world: World) -> None:
    life = await happy_life(*world)
    account = life.account()
    recorded = (await life.history()).to_json()
    assert account.email
    assert account.email not in recorded
    assert account.phone
    assert account.phone not in recorded


async def test_a_journey_is_deterministic_when_every_wake_up_replays_it_from_the_start(
    environment: WorkflowEnvironment, sqlite_database: Database
) -> None:
    async with journey_worker(environment.client, sqlite_database, max_cached_workflows=0):
        life = await happy_life(environment, sqlite_database)
    assert (await life.history()).events


@pytest.mark.parametrize("recorded", sorted(HISTORIES.glob("*.json")), ids=lambda path: path.stem)
async def test_a_journey_recorded_by_an_earlier_release_replays(recorded: Path) -> None:
    history = WorkflowHistory.from_json(recorded.stem, recorded.read_text())  # noqa: ASYNC240
    replayer = Replayer(
        workflows=[MigrationWorkflow],
        data_converter=data_converter,
        workflow_runner=STRICT_SANDBOX,
    )
    await replayer.replay_workflow(history)


def test_there_are_recorded_histories() -> None:
    assert list(HISTORIES.glob("*.json"))


async def happy_life(environment: WorkflowEnvironment, database: Database) -> Life:
    """Four facts arrive one by one, each told and acted on before the next, and nobody needs a reminder.

    It runs on the real clock, because moving a journey's clock leaves events of its own in the history.
    """
    life = await Life.begin(environment, database, replace(CALM, notice=SECOND, probation=SECOND))
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
