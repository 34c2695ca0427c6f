"""Which release's workers are given the workflows: by Temporal's worker deployments, where the server has them.

Every workflow is Auto-Upgrade: it goes on with the newest release that has taken over, wherever it began. An older
release that still runs is given no workflow any more, so that none of it meets a history that it cannot read.
"""

import asyncio
from datetime import timedelta

import structlog
from packaging.version import InvalidVersion, Version
from temporalio.api.workflowservice.v1 import (
    DescribeWorkerDeploymentRequest,
    SetWorkerDeploymentCurrentVersionRequest,
)
from temporalio.client import Client
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker import WorkerDeploymentConfig

log = structlog.get_logger()

DEPLOYMENT = "offramp"
LOOK_AGAIN_AFTER = timedelta(milliseconds=500)
LOOK_EVERY = timedelta(seconds=15)

FOR_GOOD = frozenset(
    {
        RPCStatusCode.UNIMPLEMENTED,
        RPCStatusCode.PERMISSION_DENIED,
        RPCStatusCode.FAILED_PRECONDITION,
        RPCStatusCode.INVALID_ARGUMENT,
    }
)
"""A server that answers so will answer so again. Any other error passes: it is away, or was asked too often."""


class NoDeployments(Exception):
    """The server has no worker deployments, or this client may not ask for them."""


def deployment(release: str) -> WorkerDeploymentConfig:
    """How the workers of a release present themselves."""
    return WorkerDeploymentConfig(
        version=WorkerDeploymentVersion(deployment_name=DEPLOYMENT, build_id=release),
        use_worker_versioning=True,
        default_versioning_behavior=VersioningBehavior.AUTO_UPGRADE,
    )


async def current_release(client: Client) -> str | None:
    """The release whose workers are given the workflows; None if any worker is. Raises NoDeployments and RPCError."""
    request = DescribeWorkerDeploymentRequest(namespace=client.namespace, deployment_name=DEPLOYMENT)
    try:
        described = await client.workflow_service.describe_worker_deployment(request)
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return None
        if error.status in FOR_GOOD:
            raise NoDeployments(error.message) from error
        raise
    return described.worker_deployment_info.routing_config.current_deployment_version.build_id or None


async def has_deployments(client: Client) -> bool:
    """Whether the server has worker deployments; waits until it says so."""
    while True:
        try:
            await current_release(client)
        except NoDeployments as reason:
            log.warning("no_worker_deployments", reason=str(reason))
            return False
        except RPCError:
            await asyncio.sleep(LOOK_AGAIN_AFTER.total_seconds())
        else:
            return True


async def keep_workflows(client: Client, release: str) -> None:
    """Let this release's workers be given all workflows, unless a newer release's are; until it is cancelled.

    A server that has just started knows no workers yet, and one that has lost its data has forgotten whose they were.
    """
    last_word = release
    while True:
        try:
            holder = await take_over(client, release)
        except (RPCError, NoDeployments) as error:
            if not _passes(error) and last_word != str(error):
                last_word = str(error)
                log.warning("release_not_taken_over", release=release, reason=last_word)
            await asyncio.sleep(LOOK_AGAIN_AFTER.total_seconds())
            continue
        if holder not in (release, last_word):
            log.warning("release_superseded", release=release, by=holder)
        last_word = holder
        await asyncio.sleep(LOOK_EVERY.total_seconds())


async def take_over(client: Client, release: str) -> str:
    """Let a release's workers be given all workflows, unless a newer release's are; returns whose they are then.

    Raises RPCError, of the status NOT_FOUND while the server does not know this release's workers, and NoDeployments.
    """
    current = await current_release(client)
    if current == release or (current and is_newer(current, release)):
        return current
    await _make_current(client, release)
    log.info("release_took_over", release=release, before=current)
    return release


def is_newer(release: str, other: str) -> bool:
    """Whether a release came after another one: 0.3.0 after 0.3.0rc1. A name that is no version is older than any."""
    return _version(release) > _version(other)


async def _make_current(client: Client, release: str) -> None:
    request = SetWorkerDeploymentCurrentVersionRequest(
        namespace=client.namespace,
        deployment_name=DEPLOYMENT,
        build_id=release,
        identity=client.service_client.config.identity,
        ignore_missing_task_queues=True,  # a release may do without a queue of the one before
    )
    await client.workflow_service.set_worker_deployment_current_version(request)


def _passes(error: Exception) -> bool:
    return isinstance(error, RPCError) and error.status not in FOR_GOOD


def _version(release: str) -> Version:
    try:
        return Version(release)
    except InvalidVersion:
        return Version("0.dev0")
