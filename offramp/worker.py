"""The worker process: runs journeys and their acts, sends messages, and carries the relay along."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import Any

import structlog
from temporalio.client import Client
from temporalio.service import RPCError
from temporalio.worker import UnsandboxedWorkflowRunner, Worker, WorkflowRunner

from activities.journeys import JourneyActivities
from activities.messages import MessageActivities, Outside
from activities.rollouts import RolloutActivities
from activities.waves import WaveActivities
from domain.messages import Queue
from offramp import wiring
from offramp.relay import Relay
from offramp.settings import Settings
from store import Database
from workflows.launching import start_all
from workflows.migration import MigrationWorkflow
from workflows.rollout import RolloutWorkflow

log = structlog.get_logger()

GRACE = timedelta(seconds=10)
LOOK_FOR_TEMPORAL_EVERY = timedelta(seconds=1)
SENDINGS_AT_ONCE = 100
UNSANDBOXED = UnsandboxedWorkflowRunner()


def run(settings: Settings) -> None:
    """Work until SIGTERM or Ctrl-C."""
    asyncio.run(_run(settings))
    # A clean exit of Temporal's native library sometimes aborts; everything is flushed, so leave at once.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


async def _run(settings: Settings) -> None:
    database = wiring.make_database(settings)
    client = await wiring.connect(settings)
    sender = make_sender(settings, database)
    relay = Relay(database, client, sender, clock=wiring.clock, poll_seconds=settings.relay_poll_seconds)
    working = asyncio.gather(relay.run(), work(settings, database, sender))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, working.cancel)
    log.info("worker_started", queues=[*Queue])
    with contextlib.suppress(asyncio.CancelledError):
        await working
    log.info("worker_stopped")


async def work(settings: Settings, database: Database, sender: MessageActivities) -> None:
    """Poll all queues once Temporal is there; the relay does not wait for that."""
    client = await _connected(settings)
    with ThreadPoolExecutor(max_workers=SENDINGS_AT_ONCE) as threads:
        async with asyncio.TaskGroup() as tasks:
            for worker in make_workers(client, database, sender, threads, wiring.operators(settings)):
                tasks.create_task(worker.run())


def make_workers(
    client: Client,
    database: Database,
    sender: MessageActivities,
    threads: ThreadPoolExecutor,
    operators: Sequence[str] = (),
    # A third less CPU and half the memory; the tests run every workflow in the sandbox.
    runner: WorkflowRunner = UNSANDBOXED,
) -> list[Worker]:
    """A worker per queue: a code never waits behind a campaign."""
    rollouts = RolloutActivities(database, wiring.clock, operators)
    waves = WaveActivities(database, wiring.clock, partial(start_all, client, database))
    bulk = [sender.send_message, *waves.all(), *rollouts.long()]
    quick = [*JourneyActivities(database).all(), *rollouts.quick()]
    return [
        Worker(
            client,
            task_queue=Queue.JOURNEYS,
            workflows=[MigrationWorkflow, RolloutWorkflow],
            activities=quick,
            activity_executor=threads,
            workflow_runner=runner,
            graceful_shutdown_timeout=GRACE,
        ),
        _acting_worker(client, Queue.NOW, [sender.send_message], threads),
        _acting_worker(client, Queue.BULK, bulk, threads),
    ]


def make_sender(settings: Settings, database: Database) -> MessageActivities:
    """What sends messages, with the providers that the settings name."""
    outside = Outside(
        mailer=wiring.make_mailer(settings),
        texter=wiring.make_texter(settings),
        writer=wiring.make_writer(settings),
        seal=wiring.make_seal(settings),
    )
    return MessageActivities(database, wiring.clock, outside)


def _acting_worker(
    client: Client, queue: Queue, acts: Sequence[Callable[..., Any]], threads: ThreadPoolExecutor
) -> Worker:
    return Worker(
        client,
        task_queue=queue,
        activities=acts,
        activity_executor=threads,
        max_concurrent_activities=SENDINGS_AT_ONCE // 2,
        graceful_shutdown_timeout=GRACE,
    )


async def _connected(settings: Settings) -> Client:
    """A client that is connected, as workers need one; waits for Temporal as long as it takes."""
    told = False
    while True:
        try:
            client = await wiring.connect(settings, lazy=False)
        except (RPCError, RuntimeError) as error:
            if not told:
                log.warning("temporal_away", reason=str(error))
            told = True
            await asyncio.sleep(LOOK_FOR_TEMPORAL_EVERY.total_seconds())
        else:
            log.info("temporal_found")
            return client
