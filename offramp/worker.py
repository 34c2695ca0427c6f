"""The worker process: runs journeys, rollouts and their activities, sends messages, and runs the relay."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

import structlog
from temporalio.client import Client
from temporalio.runtime import Runtime
from temporalio.service import RPCError
from temporalio.worker import UnsandboxedWorkflowRunner, Worker, WorkflowRunner

from activities import sim_checks
from activities.journeys import JourneyActivities
from activities.messages import MessageActivities, Outside
from activities.rollouts import RolloutActivities
from activities.sim_checks import SimActivities
from activities.waves import WaveActivities
from domain.facts import Channel
from domain.messages.messages import Queue
from domain.ports import SimChecker
from offramp import wiring
from offramp.clock import clock
from offramp.config import tracing
from offramp.config.act_logs import Acts
from offramp.config.settings import Settings
from offramp.metrics import exporting
from offramp.metrics.exporting import MetricsSource
from offramp.metrics.measuring import MeasuredMailer, MeasuredTexter
from offramp.opening import make_database
from offramp.relay.pacing import Pace
from offramp.relay.relay import Relay
from offramp.relay.troubles import TroubleReader
from store import Database
from workflows.migration import MigrationWorkflow
from workflows.rollout import RolloutWorkflow
from workflows.running_journeys import start_all

log = structlog.get_logger()

GRACE = timedelta(seconds=10)
LOOK_FOR_TEMPORAL_EVERY = timedelta(seconds=1)
SENDINGS_AT_ONCE = 100
"""How many messages of one queue a worker sends at once. A sending mostly waits for the provider."""

POLLS = 10
"""How many requests for tasks of one queue a worker has open at once. With fewer, the requests are the bottleneck."""

RELAY_THREADS = 32
UNSANDBOXED = UnsandboxedWorkflowRunner()


def run(settings: Settings) -> None:
    """Work until SIGTERM or Ctrl-C."""
    asyncio.run(_run(settings))
    tracing.flush()
    # Temporal's native library sometimes aborts at a clean exit. Nothing waits any more, so leave at once.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


async def _run(settings: Settings) -> None:
    database = make_database(settings)
    runtime = exporting.temporal_runtime(settings)
    client = await wiring.connect(settings, runtime=runtime)
    sender = make_sender(settings, database)
    relay = Relay(
        database,
        client,
        sender,
        pace=make_pace(settings),
        clock=clock,
        poll_seconds=settings.relay_poll_seconds,
    )
    troubles = TroubleReader(database, client, clock=clock)
    working = asyncio.gather(relay.run(), work(settings, database, sender, runtime), troubles.run())
    loop = asyncio.get_running_loop()
    # The default has six threads on two cores, and the waiting threads of the relay alone would fill them.
    loop.set_default_executor(ThreadPoolExecutor(max_workers=RELAY_THREADS))
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, working.cancel)
    log.info("worker_started", queues=[*Queue])
    with exporting.served(settings, MetricsSource.WORKER), contextlib.suppress(asyncio.CancelledError):
        await working
    log.info("worker_stopped")


async def work(
    settings: Settings, database: Database, sender: MessageActivities, runtime: Runtime | None = None
) -> None:
    """Wait for Temporal, then poll all queues. The relay does not wait for Temporal."""
    client = await _connected(settings, runtime)
    checker = wiring.make_sim_checker(settings)
    if reopened := await asyncio.to_thread(sim_checks.ask_again, database, checker, at=clock()):
        log.info("sims_asked_again", accounts=reopened)
    with contextlib.ExitStack() as stack:
        workers = [
            *make_acting_workers(client, database, stack, wiring.operators(settings), checker),
            *make_sending_workers(client, sender, stack, settings),
        ]
        async with asyncio.TaskGroup() as tasks:
            for worker in workers:
                tasks.create_task(worker.run())


def make_acting_workers(
    client: Client,
    database: Database,
    stack: contextlib.ExitStack,
    operators: Sequence[str],
    sim_checker: SimChecker | None = None,
    # Without the sandbox: a third less CPU and half the memory. The tests run every workflow in the sandbox.
    runner: WorkflowRunner = UNSANDBOXED,
) -> list[Worker]:
    """The workers of journeys and rollouts: one for workflows and short activities, one for long activities."""
    rollouts = RolloutActivities(database, clock, operators)
    waves = WaveActivities(database, clock, partial(start_all, client, database))
    sims = SimActivities(database, sim_checker)
    threads = stack.enter_context(ThreadPoolExecutor(max_workers=SENDINGS_AT_ONCE))
    return [
        Worker(
            client,
            task_queue=Queue.JOURNEYS,
            workflows=[MigrationWorkflow, RolloutWorkflow],
            activities=[*JourneyActivities(database).all(), *sims.all(), *rollouts.quick()],
            activity_executor=threads,
            workflow_runner=runner,
            graceful_shutdown_timeout=GRACE,
            interceptors=[Acts()],
        ),
        Worker(
            client,
            task_queue=Queue.BULK,
            activities=[*waves.all(), *rollouts.long()],
            activity_executor=threads,
            max_concurrent_activities=SENDINGS_AT_ONCE,
            graceful_shutdown_timeout=GRACE,
            interceptors=[Acts()],
        ),
    ]


def make_sending_workers(
    client: Client, sender: MessageActivities, stack: contextlib.ExitStack, settings: Settings
) -> list[Worker]:
    """One sending worker for each queue, with threads of its own, so that a code never waits behind a campaign.

    The limit of messages per second belongs to the queue, so it holds across all workers.
    """
    limits = {
        Queue.NOW: 0.0,
        Queue.BULK_EMAIL: settings.emails_per_second,
        Queue.BULK_SMS: settings.texts_per_second,
    }
    return [
        Worker(
            client,
            task_queue=queue,
            activities=[sender.send_message],
            activity_executor=stack.enter_context(ThreadPoolExecutor(max_workers=SENDINGS_AT_ONCE)),
            max_concurrent_activities=SENDINGS_AT_ONCE,
            max_concurrent_activity_task_polls=POLLS,
            max_task_queue_activities_per_second=limit or None,
            graceful_shutdown_timeout=GRACE,
            interceptors=[Acts()],
        )
        for queue, limit in limits.items()
    ]


def make_pace(settings: Settings) -> Pace:
    """How fast the relay hands nudges over: as fast as each provider takes them."""
    limits = {Channel.EMAIL: settings.emails_per_second, Channel.SMS: settings.texts_per_second}
    return Pace(per_second=limits)


def make_sender(settings: Settings, database: Database) -> MessageActivities:
    """Makes the activities that send messages, with the providers that the settings name. Raises NotConfigured."""
    outside = Outside(
        mailer=MeasuredMailer(wiring.make_mailer(settings)),
        texter=MeasuredTexter(wiring.make_texter(settings)),
        writer=wiring.make_writer(settings),
        seal=wiring.make_seal(settings),
        origin=settings.origin,
    )
    return MessageActivities(database, clock, outside)


async def _connected(settings: Settings, runtime: Runtime | None) -> Client:
    """A connected client, which workers need. Waits for Temporal without a limit."""
    is_logged = False
    while True:
        try:
            client = await wiring.connect(settings, lazy=False, runtime=runtime)
        except (RPCError, RuntimeError) as error:
            if not is_logged:
                log.warning("temporal_away", reason=str(error))
            is_logged = True
            await asyncio.sleep(LOOK_FOR_TEMPORAL_EVERY.total_seconds())
        else:
            log.info("temporal_found")
            return client
