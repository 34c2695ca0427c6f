"""A backup is put back while Temporal remembers more: journeys and rollouts go on from what the database knows."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from temporalio.client import Client, WorkflowExecutionDescription, WorkflowExecutionStatus, WorkflowHandle
from temporalio.testing import WorkflowEnvironment

from domain.facts import SmsState
from domain.journal import Actor, EventKind
from domain.rollouts.cohorts import Wave
from domain.rollouts.rollout import Command, Stage
from services.messages import restores
from store import Database
from store.engine import epochs
from store.people import journal
from store.rollouts import cohorts
from tests import backups, factories
from tests.temporal import end_journeys, journey_worker
from tests.waiting import eventually
from tests.workflows.lives import Life
from tests.workflows.rollouts import Trial
from tests.workflows.test_migration import CALM
from workflows import reconciling, restoring, rollouts
from workflows.hearing import Hearing
from workflows.migration import MigrationWorkflow

SLOW = (Wave(percent=50, bake=timedelta(hours=1)), Wave(percent=100, bake=timedelta(hours=1)))


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
async def at_work(
    environment: WorkflowEnvironment, database: Database
) -> AsyncIterator[tuple[WorkflowEnvironment, Database]]:
    """A Temporal server and a database; the workers are the tests' own."""
    yield environment, database
    async with journey_worker(environment.client, database):
        await end_journeys(environment.client, database)


def put_back(database: Database, backup: Path) -> None:
    backups.put_back(database, backup)
    with database.transaction() as session:
        restores.begin(session, by="ada", now=now())


async def test_a_journey_that_is_ahead_goes_on_from_what_the_database_knows(
    at_work: tuple[WorkflowEnvironment, Database], tmp_path: Path
) -> None:
    environment, database = at_work
    async with journey_worker(environment.client, database):
        life = await Life.begin(environment, database, CALM)
        await life.verify_email()
        await life.settled()
        backup = backups.take(database, tmp_path)
        await life.get_ready()
        await until_sms(life, SmsState.NOTICE)
    put_back(database, backup)
    assert life.facts().sms is SmsState.ON
    async with journey_worker(environment.client, database):
        reconciled = await reconciling.reconcile(environment.client, database, now=now())
        assert (reconciled.running, reconciled.started, reconciled.informed) == (1, 0, 1)
        await hears(life)
        await life.sign_in_with(await life.bind_passkey())
        await life.keep_recovery_codes()
        await until_sms(life, SmsState.NOTICE)
        assert (await reconciling.reconcile(environment.client, database, now=now())).ahead == 0


async def test_an_act_that_was_planned_before_the_backup_was_put_back_changes_nothing(
    at_work: tuple[WorkflowEnvironment, Database], tmp_path: Path
) -> None:
    environment, database = at_work
    async with journey_worker(environment.client, database):
        life = await Life.begin(environment, database, CALM)
        backup = backups.take(database, tmp_path)
        await life.get_ready()
        await until_sms(life, SmsState.NOTICE)
    put_back(database, backup)
    async with journey_worker(environment.client, database):
        await environment.fast_forward(
            life.handle, CALM.notice
        )  # by what it remembers, it suspends codes now
        await hears(life)
    assert life.facts().sms is SmsState.ON


async def test_a_journey_that_has_ended_since_the_backup_begins_again_there(
    at_work: tuple[WorkflowEnvironment, Database], tmp_path: Path
) -> None:
    environment, database = at_work
    async with journey_worker(environment.client, database):
        life = await Life.begin(environment, database, CALM)
        backup = backups.take(database, tmp_path)
        await life.delete()
        await life.handle.result()
    put_back(database, backup)
    async with journey_worker(environment.client, database):
        assert (await reconciling.reconcile(environment.client, database, now=now())).started == 1
        await hears(life)


async def test_the_journey_of_an_account_that_the_backup_does_not_know_is_ended(
    at_work: tuple[WorkflowEnvironment, Database], tmp_path: Path
) -> None:
    environment, database = at_work
    async with journey_worker(environment.client, database):
        backup = backups.take(database, tmp_path)
        life = await Life.begin(environment, database, CALM)
    put_back(database, backup)
    async with journey_worker(environment.client, database):
        assert (await reconciling.reconcile(environment.client, database, now=now())).ended >= 1
    assert await status(life.handle) is WorkflowExecutionStatus.TERMINATED


async def test_without_another_epoch_a_journey_that_is_ahead_is_found(
    at_work: tuple[WorkflowEnvironment, Database], tmp_path: Path
) -> None:
    environment, database = at_work
    async with journey_worker(environment.client, database):
        life = await Life.begin(environment, database, CALM)
        backup = backups.take(database, tmp_path)
        await life.verify_email()
        await life.settled()
    backups.put_back(database, backup)
    async with journey_worker(environment.client, database):
        assert await Hearing(environment.client, database).ahead([life.account_id]) == [life.account_id]
        assert (await reconciling.reconcile(environment.client, database, now=now())).ahead == 1


async def test_a_journey_that_has_missed_the_newest_facts_is_told(
    at_work: tuple[WorkflowEnvironment, Database],
) -> None:
    environment, database = at_work
    async with journey_worker(environment.client, database):
        life = await Life.begin(environment, database, CALM)
        await life.settled()
        with database.transaction() as session:
            factories.make_recovery_codes(session, life.account_id, at=now())
            journal.append(
                session, life.account_id, EventKind.RECOVERY_CODES_PROVEN, at=now(), actor=Actor.PERSON
            )
        assert (await reconciling.reconcile(environment.client, database, now=now())).informed == 1
        await hears(life)


async def test_a_rollout_that_is_ahead_goes_on_from_what_the_database_knows(
    at_work: tuple[WorkflowEnvironment, Database], tmp_path: Path
) -> None:
    environment, database = at_work
    people(database)
    async with journey_worker(environment.client, database):
        trial = await Trial.begin(environment, database, waves=SLOW)
        await trial.until(Stage.BAKING, wave=0)
        backup = backups.take(database, tmp_path)
        await trial.order(Command.ADVANCE)
        await trial.until(Stage.BAKING, wave=1)
    put_back(database, backup)
    async with journey_worker(environment.client, database):
        assert (await reconciling.reconcile(environment.client, database, now=now())).rollouts == 1
        assert (trial.standing().stage, trial.standing().wave) == (Stage.BAKING, 0)
        await trial.order(Command.ADVANCE)
        await trial.until(Stage.BAKING, wave=1)


async def test_a_rollout_that_was_stopped_since_the_backup_stands_still_until_somebody_looks(
    at_work: tuple[WorkflowEnvironment, Database], tmp_path: Path
) -> None:
    environment, database = at_work
    people(database)
    async with journey_worker(environment.client, database):
        trial = await Trial.begin(environment, database, waves=SLOW)
        await trial.until(Stage.BAKING, wave=0)
        backup = backups.take(database, tmp_path)
        await trial.order(Command.ABORT)
        handle = environment.client.get_workflow_handle(rollouts.workflow_id(trial.cohort_id))
        await handle.result()
    put_back(database, backup)
    async with journey_worker(environment.client, database):
        await reconciling.reconcile(environment.client, database, now=now())
        assert trial.standing().stage is Stage.PAUSED
        with database.reading() as session:
            newest = cohorts.entries(session, trial.cohort_id)[0]
        assert (newest.by, "aborted" in newest.reason) == ("restored", True)
        await trial.order(Command.RESUME)
        await trial.until(Stage.BAKING, wave=0)


async def test_of_two_workers_that_tell_none_ends_what_the_other_has_just_started(
    at_work: tuple[WorkflowEnvironment, Database], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment, database = at_work
    people(database)
    async with journey_worker(environment.client, database):
        trial = await Trial.begin(environment, database, waves=SLOW)
        await trial.until(Stage.BAKING, wave=0)
        backup = backups.take(database, tmp_path)
    put_back(database, backup)
    look, started = restoring._stage_reached, list[str | None]()
    handle = environment.client.get_workflow_handle(rollouts.workflow_id(trial.cohort_id))

    async def overtaken(client: Client, former: WorkflowExecutionDescription) -> Stage | None:
        """Another worker does all of it while this one asks how far the rollout has come."""
        monkeypatch.setattr(restoring, "_stage_reached", look)
        stage = await look(client, former)
        await reconciling.reconcile(client, database, now=now())
        started.append((await handle.describe()).run_id)
        return stage

    monkeypatch.setattr(restoring, "_stage_reached", overtaken)
    async with journey_worker(environment.client, database):
        assert (await reconciling.reconcile(environment.client, database, now=now())).rollouts == 0
    assert [(await handle.describe()).run_id] == started


async def test_everybody_is_told_once(at_work: tuple[WorkflowEnvironment, Database], tmp_path: Path) -> None:
    environment, database = at_work
    async with journey_worker(environment.client, database):
        life = await Life.begin(environment, database, CALM)
        await life.settled()
        backup = backups.take(database, tmp_path)
    put_back(database, backup)
    async with journey_worker(environment.client, database):
        first, again = [
            await reconciling.reconcile(environment.client, database, now=now()) for _ in range(2)
        ]
    assert (first.informed, again.informed) == (1, 0)
    with database.reading() as session:
        assert epochs.untold(session) is None


def people(database: Database) -> None:
    """So many that each wave reaches somebody, whatever places they draw: an empty one would be passed."""
    with database.transaction() as session:
        for _ in range(12):
            factories.make_account(session)


async def hears(life: Life) -> None:
    """Wait until the journey goes by the facts of the database."""

    async def knows() -> bool:
        return await life.handle.query(MigrationWorkflow.heard) == life.facts().edition

    await eventually(knows, "the journey goes by what the database knows")


async def until_sms(life: Life, state: SmsState) -> None:
    await eventually(lambda: life.facts().sms is state, lambda: f"SMS is {state}, not {life.facts().sms}")


async def status(handle: WorkflowHandle[MigrationWorkflow, str]) -> WorkflowExecutionStatus | None:
    return (await handle.describe()).status
