"""Acts say in the log for whom and in which journey they act, and nobody's number, address or code is in it."""

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager

import pytest
import structlog
from temporalio.testing import WorkflowEnvironment

from domain.messages.messages import MessageState, Purpose
from offramp.config import logs
from offramp.config.act_logs import names_of
from offramp.config.settings import LogFormat, Settings
from offramp.worker import make_acting_workers, make_sending_workers
from store import Database
from store.people import accounts
from tests.offramp.relay.test_relay import Station, make_station, running
from tests.temporal import end_journeys
from tests.waiting import eventually
from workflows.running_journeys import workflow_id


@pytest.fixture
def _as_before() -> Iterator[None]:
    """Leave logging as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    before = structlog.get_config()
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.configure(**before)


@asynccontextmanager
async def working(station: Station, settings: Settings) -> AsyncIterator[None]:
    """The workers of a real worker process."""
    with ExitStack() as stack:
        workers = [
            *make_acting_workers(station.client, station.database, stack, []),
            *make_sending_workers(station.client, station.sender, stack, settings),
        ]
        tasks = [asyncio.create_task(worker.run()) for worker in workers]
        try:
            yield
        finally:
            for worker in workers:
                await worker.shutdown()
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.gather(*tasks)


@pytest.mark.usefixtures("_as_before")
async def test_on_the_way_acts_are_named_and_nothing_of_anybody_is_logged(
    environment: WorkflowEnvironment,
    sqlite_database: Database,
    settings: Settings,
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.configure(LogFormat.JSON, debug=True)
    station = make_station(sqlite_database, environment.client)
    station.texter.trouble.append(RuntimeError("the line is dead"))
    account_id = station.begin_journey()
    code = station.queue(account_id, "code", Purpose.CODE)
    async with working(station, settings), running(station.relay()):
        await eventually(lambda: station.state(code) == MessageState.UNKNOWN, "the code has been tried")
        await eventually(lambda: station.facts(account_id).nudges != (), "the invitation is queued")
        await end_journeys(station.client, sqlite_database)
    said = capsys.readouterr().out
    lines = [json.loads(line) for line in said.splitlines()]
    failed = next(line for line in lines if line["event"] == "message_unknown")
    assert (failed["account_id"], failed["key"], failed["activity"]) == (account_id, code, "send_message")
    with sqlite_database.reading() as session:
        account = accounts.get(session, account_id)
    for secret in (account.phone, account.email, "+4915100000000", "123456"):
        assert str(secret) not in said


def test_an_act_of_a_journey_bears_its_account() -> None:
    journey = names_of("nudge", attempt=1, activity_id="1", workflow_id=workflow_id("a-1"))
    assert (journey["account_id"], journey["workflow_id"]) == ("a-1", "migration:a-1")
    rollout = names_of("assess", attempt=2, activity_id="7", workflow_id="rollout:c-1")
    assert rollout == {"activity": "assess", "attempt": 2, "workflow_id": "rollout:c-1"}
    message = names_of("send_message", attempt=1, activity_id="a-1:code", workflow_id=None)
    assert message["key"] == "a-1:code"
