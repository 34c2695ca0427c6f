"""The worker process: runs journeys, rollouts and their activities, sends messages, and runs the relay."""

import asyncio
import contextlib
import signal
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from importlib.metadata import version

import structlog
from temporalio.client import Client
from temporalio.runtime import Runtime
from temporalio.service import RPCError
from temporalio.worker import UnsandboxedWorkflowRunner, Worker, WorkerDeploymentConfig, WorkflowRunner

from activities import signs_of_life, sim_checks
from activities.journeys import JourneyActivities
from activities.messages import MessageActivities, Outside
from activities.recoveries import RecoveryActivities
from activities.rollouts import RolloutActivities
from activities.signs_of_life import SignsOfLife
from activities.sim_checks import SimActivities
from activities.waves import WaveActivities
from activities.webhooks import WebhookActivities
from domain.facts import Channel
from domain.messages.messages import Queue
from domain.ports import SimChecker
from offramp import wiring
from offramp.clock import clock
from offramp.config import tracing
from offramp.config.act_logs import Acts
from offramp.config.settings import Settings
from offramp.heart import Heart
from offramp.metrics import exporting
from offramp.metrics.exporting import MetricsSource
from offramp.metrics.measuring import MeasuredCourier, MeasuredMailer, MeasuredTexter
from offramp.opening import make_database
from offramp.relay import high_water, restores
from offramp.relay.database_news import by_writing, news_of
from offramp.relay.high_water import MarkKeeper
from offramp.relay.nightly_lists import compare_nightly
from offramp.relay.pacing import Pace
from offramp.relay.relay import Relay
from offramp.relay.troubles import TroubleReader
from store import Database
from store.engine.absences import DatabaseAway
from store.engine.heartbeats import ProcessKind
from workflows import deployments
from workflows.migration import MigrationWorkflow
from workflows.recovery import RecoveryWorkflow
from workflows.rollout import RolloutWorkflow
from workflows.running_journeys import start_all

log = structlog.get_logger()

GRACE = timedelta(seconds=10)
LOOK_FOR_TEMPORAL_EVERY = timedelta(seconds=1)
LOOK_FOR_DATABASE_EVERY = timedelta(seconds=1)
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


async def _run(settings: Settings) -> None:
    database = make_database(settings)
    runtime = exporting.temporal_runtime(settings)
    client = await wiring.connect(settings, runtime=runtime)
    sender, teller = make_sender(settings, database), make_teller(settings, database)
    relay = Relay(
        database,
        client,
        sender,
        teller,
        pace=make_pace(settings),
        clock=clock,
        poll_seconds=settings.relay_poll_seconds,
        retention=settings.retention,
        key_ids=wiring.secret_ring(settings).ids,
    )
    troubles = TroubleReader(database, client, clock=clock)
    marks = MarkKeeper(database, high_water.path_of(settings), clock=clock)

    async def work_on_everything() -> None:
        await asyncio.gather(
            relay.run(),
            work(settings, database, sender, teller, runtime),
            troubles.run(),
            compare_nightly(settings, database, clock=clock),
            marks.run(),
        )

    heart = Heart(database, ProcessKind.WORKER, clock)
    working = asyncio.ensure_future(heart.while_right(work_on_everything))
    loop = asyncio.get_running_loop()
    # The default has six threads on two cores, and the waiting threads of the relay alone would fill them.
    loop.set_default_executor(ThreadPoolExecutor(max_workers=RELAY_THREADS))
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, working.cancel)
    log.info("worker_started", queues=[*Queue])
    with (
        exporting.served(settings, MetricsSource.WORKER),
        news_of(database, by_writing(database, "worker")),
        contextlib.suppress(asyncio.CancelledError),
    ):
        await working
    log.info("worker_stopped")


async def work(
    settings: Settings,
    database: Database,
    sender: MessageActivities,
    teller: WebhookActivities,
    runtime: Runtime | None = None,
) -> None:
    """Wait for Temporal, then poll all queues. The relay does not wait for Temporal."""
    client = await _connected(settings, runtime)
    checker = wiring.make_sim_checker(settings)
    await _ask_sims_again(database, checker)
    release = version("offramp")
    deployed = deployments.deployment(release) if await deployments.has_deployments(client) else None
    with contextlib.ExitStack() as stack:
        workers = [
            *make_acting_workers(
                client, database, stack, wiring.operators(settings), checker, deployed=deployed
            ),
            *make_sending_workers(client, sender, stack, settings),
            make_telling_worker(client, teller, stack),
        ]
        async with asyncio.TaskGroup() as tasks:
            for worker in workers:
                tasks.create_task(worker.run())
            if deployed:
                tasks.create_task(deployments.keep_workflows(client, release))
            tasks.create_task(restores.tell(client, database, clock))


async def _ask_sims_again(database: Database, checker: SimChecker | None) -> None:
    """Wait for the database, too: where both were away, Temporal may be back first."""
    while True:
        try:
            reopened = await asyncio.to_thread(sim_checks.ask_again, database, checker, at=clock())
        except DatabaseAway:
            await asyncio.sleep(LOOK_FOR_DATABASE_EVERY.total_seconds())
            continue
        if reopened:
            log.info("sims_asked_again", accounts=reopened)
        return


def make_acting_workers(
    client: Client,
    database: Database,
    stack: contextlib.ExitStack,
    operators: Sequence[str],
    sim_checker: SimChecker | None = None,
    # Without the sandbox: a third less CPU and half the memory. The tests run every workflow in the sandbox.
    runner: WorkflowRunner = UNSANDBOXED,
    deployed: WorkerDeploymentConfig | None = None,
) -> list[Worker]:
    """The workers of journeys and rollouts: one for workflows and short activities, one for long activities.

    `deployed` is the release that the first one presents itself as; None where the server knows no releases.
    """
    rollouts = RolloutActivities(database, clock, operators)
    waves = WaveActivities(database, clock, partial(start_all, client, database))
    sims = SimActivities(database, sim_checker)
    threads = stack.enter_context(ThreadPoolExecutor(max_workers=SENDINGS_AT_ONCE))
    return [
        Worker(
            client,
            task_queue=Queue.JOURNEYS,
            workflows=[MigrationWorkflow, RolloutWorkflow, RecoveryWorkflow],
            activities=[
                *JourneyActivities(database).all(),
                *RecoveryActivities(database).all(),
                *sims.all(),
                *rollouts.quick(),
            ],
            activity_executor=threads,
            workflow_runner=runner,
            deployment_config=deployed,
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
            max_heartbeat_throttle_interval=signs_of_life.EVERY,
            graceful_shutdown_timeout=GRACE,
            interceptors=[Acts(), SignsOfLife()],
        )
        for queue, limit in limits.items()
    ]


def make_telling_worker(client: Client, teller: WebhookActivities, stack: contextlib.ExitStack) -> Worker:
    """The worker that tells hosts what happened, with threads of its own: receivers may be slow."""
    return Worker(
        client,
        task_queue=Queue.WEBHOOKS,
        activities=[teller.deliver_webhook],
        activity_executor=stack.enter_context(ThreadPoolExecutor(max_workers=SENDINGS_AT_ONCE)),
        max_concurrent_activities=SENDINGS_AT_ONCE,
        graceful_shutdown_timeout=GRACE,
        interceptors=[Acts()],
    )


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


def make_teller(settings: Settings, database: Database) -> WebhookActivities:
    """Makes the activities that tell hosts what happened. Raises NotConfigured."""
    courier = MeasuredCourier(wiring.make_courier(settings))
    return WebhookActivities(database, clock, courier, wiring.make_seal(settings))


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
