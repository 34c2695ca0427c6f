"""Releases one after the other on a real server: the newest one that has taken over is given the workflows."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from temporalio.api.workflowservice.v1 import SetWorkerDeploymentCurrentVersionRequest
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from activities.sim_checks import SimActivities
from domain.facts import SmsState
from domain.messages.messages import Queue
from store import Database
from tests.temporal import STRICT_SANDBOX, SentAtOnce, journey_worker, time_skipping_server
from tests.waiting import eventually
from tests.workflows.lives import Life
from tests.workflows.test_migration import CALM
from workflows import deployments
from workflows.migration import MigrationWorkflow


@pytest.fixture
async def server() -> AsyncIterator[WorkflowEnvironment]:
    """A server of this test alone: a deployment that has taken over keeps its queue."""
    async with time_skipping_server() as environment:
        yield environment


@contextlib.asynccontextmanager
async def release(name: str, server: WorkflowEnvironment, database: Database) -> AsyncIterator[Worker]:
    """A worker of a release."""
    acts = SentAtOnce(database)
    with ThreadPoolExecutor(max_workers=4) as threads:
        async with Worker(
            server.client,
            task_queue=Queue.JOURNEYS,
            workflows=[MigrationWorkflow],
            activities=[*acts.all(), *SimActivities(database, None).all()],
            activity_executor=threads,
            workflow_runner=STRICT_SANDBOX,
            deployment_config=deployments.deployment(name),
        ) as worker:
            yield worker


async def test_a_journey_goes_on_with_each_release_that_takes_over(
    server: WorkflowEnvironment, sqlite_database: Database
) -> None:
    async with journey_worker(server.client, sqlite_database):  # of a release that knew no deployments
        life = await Life.begin(server, sqlite_database, CALM)
        await life.settled()
    assert await deployments.current_release(server.client) is None
    async with release("0.2.0", server, sqlite_database):
        await _taken_over(server, "0.2.0")
        await life.get_ready()
        await life.settled()
        assert life.facts().sms is SmsState.NOTICE
    async with release("0.10.0", server, sqlite_database), release("0.2.0", server, sqlite_database):
        await _taken_over(server, "0.10.0")
        assert await deployments.take_over(server.client, "0.2.0") == "0.10.0"
        await life.pass_(CALM.notice)
        assert life.facts().sms is SmsState.SUSPENDED
    history = await life.history()
    told = [
        event.workflow_task_completed_event_attributes.deployment_version.build_id
        for event in history.events
        if event.HasField("workflow_task_completed_event_attributes")
    ]
    assert list(dict.fromkeys(told)) == ["", "0.2.0", "0.10.0"]


async def test_a_release_takes_over_as_soon_as_the_server_knows_its_workers_and_whenever_it_has_forgotten_them(
    server: WorkflowEnvironment, sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deployments, "LOOK_EVERY", deployments.LOOK_AGAIN_AFTER)
    keeping = asyncio.create_task(deployments.keep_workflows(server.client, "0.2.0"))
    async with release("0.2.0", server, sqlite_database):
        await eventually(lambda: _is_current(server, "0.2.0"), "0.2.0 has taken over")
        nobody = SetWorkerDeploymentCurrentVersionRequest(
            namespace=server.client.namespace, deployment_name=deployments.DEPLOYMENT
        )
        await server.client.workflow_service.set_worker_deployment_current_version(nobody)
        await eventually(lambda: _is_current(server, "0.2.0"), "0.2.0 has taken over again")
    assert not keeping.done()
    keeping.cancel()


async def test_a_server_without_deployments_gives_workflows_to_any_worker(
    server: WorkflowEnvironment, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*_: object, **__: object) -> None:
        raise RPCError("unknown method", RPCStatusCode.UNIMPLEMENTED, b"")

    assert await deployments.has_deployments(server.client)
    monkeypatch.setattr(server.client.workflow_service, "describe_worker_deployment", refuse)
    assert not await deployments.has_deployments(server.client)


async def test_a_server_that_was_asked_too_often_is_asked_again(
    server: WorkflowEnvironment, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusals = [RPCError("too many requests", RPCStatusCode.RESOURCE_EXHAUSTED, b"")]
    ask = server.client.workflow_service.describe_worker_deployment

    async def refuse_once(*given: Any) -> Any:
        if refusals:
            raise refusals.pop()
        return await ask(*given)

    monkeypatch.setattr(server.client.workflow_service, "describe_worker_deployment", refuse_once)
    assert await deployments.has_deployments(server.client)
    assert refusals == []


@pytest.mark.parametrize(
    ("release_name", "other", "newer"),
    [
        ("0.10.0", "0.2.0", True),
        ("0.2.0", "0.10.0", False),
        ("0.2.0", "0.2.0", False),
        ("1.0", "0.9.9", True),
        ("1.0", "1.0.0", False),
        ("0.3.0", "0.3.0rc1", True),
        ("0.3.0rc1", "0.3.0", False),
        ("0.3.0rc2", "0.3.0rc1", True),
        ("0.3.0rc1", "0.2.9", True),
        ("0.3.0.post1", "0.3.0", True),
        ("0.0.1.dev1", "canary", True),
        ("canary", "0.0.1.dev1", False),
        ("canary", "nightly", False),
    ],
)
def test_releases_are_ordered_as_their_versions_are(release_name: str, other: str, newer: bool) -> None:
    assert deployments.is_newer(release_name, other) is newer


async def _taken_over(server: WorkflowEnvironment, name: str) -> None:
    """Wait until the server knows a release's workers, and let it take over."""

    async def has_taken_over() -> bool:
        with contextlib.suppress(RPCError):
            return await deployments.take_over(server.client, name) == name
        return False

    await eventually(has_taken_over, f"{name} has taken over")


async def _is_current(server: WorkflowEnvironment, name: str) -> bool:
    with contextlib.suppress(RPCError):  # the server refuses to be asked too often
        return await deployments.current_release(server.client) == name
    return False
