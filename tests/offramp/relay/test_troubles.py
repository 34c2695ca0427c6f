"""A journey that Temporal reports as failing is known here, with Temporal's own error, for as long as it does."""

from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta

import pytest
from temporalio import workflow
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from offramp.relay.troubles import LOOK_EVERY, TroubleReader
from store import Database, Session
from store.journeys import troubles
from store.journeys.troubles import Trouble
from tests.clocks import START, FakeClock
from tests.factories import make_account
from tests.offramp.conftest import free_port
from tests.temporal import TEMPORAL, started
from tests.waiting import eventually
from workflows.running_journeys import account_of, workflow_id


@workflow.defn(name="MigrationWorkflow")
class Failing:
    """A journey with a bug in it."""

    @workflow.run
    async def run(self) -> None:
        raise RuntimeError("boom")


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    """A client of a server that marks a workflow at its first failure."""
    setting = "system.numConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute=1"
    environment = await started(
        lambda: WorkflowEnvironment.start_local(
            port=free_port(),
            dev_server_existing_path=str(TEMPORAL),
            dev_server_extra_args=["--dynamic-config-value", setting],
        )
    )
    yield environment.client
    await environment.shutdown()


def on_record(session: Session, account_id: str) -> list[str]:
    return [trouble.error for trouble in troubles.of_accounts(session, [account_id])]


@dataclass(frozen=True, kw_only=True)
class Watch:
    """Somebody who looks every minute, and at what is on record then."""

    database: Database
    reader: TroubleReader
    clock: FakeClock

    async def until(self, account_id: str, errors: list[str]) -> None:
        """Look until that is on record: visibility follows what happens at some distance."""

        async def is_on_record() -> bool:
            await self.reader.look()
            self.clock.advance(LOOK_EVERY)
            with self.database.reading() as session:
                return on_record(session, account_id) == errors

        await eventually(is_on_record, f"on record is {errors}", within=150)


async def test_a_failing_journey_is_known_while_it_fails(
    sqlite_database: Database, client: Client, clock: FakeClock
) -> None:
    with sqlite_database.transaction() as session:
        account_id = make_account(session).account_id
    reader = TroubleReader(sqlite_database, client, clock=clock)
    watch = Watch(database=sqlite_database, reader=reader, clock=clock)
    with ThreadPoolExecutor() as threads:
        async with Worker(
            client,
            task_queue="failing",
            workflows=[Failing],
            workflow_runner=UnsandboxedWorkflowRunner(),
            workflow_task_executor=threads,
        ):
            handle = await client.start_workflow(
                Failing.run, id=workflow_id(account_id), task_queue="failing"
            )
            await client.start_workflow(Failing.run, id="nobody-of-ours", task_queue="failing")
            await watch.until(account_id, ["RuntimeError: boom"])
            await handle.terminate("mended")
            await watch.until(account_id, [])


def test_since_when_it_fails_stays_and_the_error_is_renewed(database: Database, clock: FakeClock) -> None:
    with database.transaction() as session:
        account_id = make_account(session).account_id
    for error in ("first", "x" * 1000):
        with database.transaction() as session:
            failing = [
                Trouble(account_id=each_id, run_id="r", error=error) for each_id in (account_id, "unknown")
            ]
            assert troubles.note(session, failing, at=clock()) == 1
            troubles.forget_unseen(session, since=clock())
        clock.advance(timedelta(hours=1))
    with database.reading() as session:
        trouble = troubles.of_accounts(session, [account_id])[0]
    assert (trouble.since, len(trouble.error)) == (START, troubles.LONGEST_ERROR)
    assert trouble.seen_at > trouble.since


@pytest.mark.parametrize(("journey_id", "account_id"), [("migration:a", "a"), ("rollout:a", None)])
def test_a_journey_is_an_accounts(journey_id: str, account_id: str | None) -> None:
    assert account_of(journey_id) == account_id
