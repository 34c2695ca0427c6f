"""Tells all of Temporal that the database was restored: everything goes on from what the database knows."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial

from temporalio.client import (
    Client,
    WorkflowExecutionDescription,
    WorkflowExecutionStatus,
    WorkflowFailureError,
    WorkflowQueryFailedError,
)
from temporalio.service import RPCError, RPCStatusCode

from domain.rollouts.rollout import FROZEN, UNDER_WAY, Command, Order, Stage, obeyed
from store import Database
from store.engine import epochs
from store.journeys import journeys
from store.rollouts import cohorts
from workflows import rollouts, running_journeys
from workflows.migration import MigrationWorkflow
from workflows.rollout import RolloutWorkflow
from workflows.running_journeys import Reconciled

BY = "restored"
_BATCH = 500
_ANSWERS_WITHIN = timedelta(seconds=10)
_LOST = "the database was restored, and does not know this any more"


async def tell_everybody(client: Client, database: Database, epoch: int, *, now: datetime) -> Reconciled:
    """Tell every journey and rollout of an epoch, and end those that the database does not know. It can be repeated.

    Raises RPCError when Temporal is away, or no worker answers for the rollouts.
    """
    reconciled = await _tell_journeys(client, database)
    ended = await _end_strangers(client, database, MigrationWorkflow, _strange_journeys)
    ended += await _end_strangers(client, database, RolloutWorkflow, _strange_rollouts)
    rollouts_started = [
        await _go_on(client, database, cohort_id, epoch, now=now)
        for cohort_id in await asyncio.to_thread(rollouts.every, database)
    ]
    await asyncio.to_thread(running_journeys.requeue_lost, database)
    await asyncio.to_thread(_note_told, database, epoch, now)
    return Reconciled(
        running=reconciled.running,
        started=reconciled.started,
        informed=reconciled.informed,
        ended=ended,
        rollouts=sum(rollouts_started),
    )


async def _tell_journeys(client: Client, database: Database) -> Reconciled:
    running = started = 0
    async for account_ids in running_journeys.each_running(database):
        begins = await asyncio.to_thread(running_journeys.inputs_of, database, account_ids)
        running += len(begins)
        started += sum(await running_journeys.side_by_side(partial(running_journeys.tell, client), begins))
    return Reconciled(running=running, started=started, informed=running - started)


async def _end_strangers(
    client: Client,
    database: Database,
    workflow: type,
    strange: Callable[[Database, Sequence[str]], Sequence[str]],
) -> int:
    """End the workflows of one kind whose account or cohort came after the backup; returns how many."""
    ended, ids = 0, []
    query = f'WorkflowType = "{workflow.__name__}" AND ExecutionStatus = "Running"'
    async for listed in client.list_workflows(query):
        ids.append(listed.id)
    for start in range(0, len(ids), _BATCH):
        for workflow_id in await asyncio.to_thread(strange, database, ids[start : start + _BATCH]):
            ended += await _end(client, workflow_id)
    return ended


async def _end(client: Client, workflow_id: str, *, chain: str | None = None) -> bool:
    """End a workflow, of a `chain` if that is given; False if it has ended by itself, or another one is there now."""
    try:
        await client.get_workflow_handle(workflow_id, first_execution_run_id=chain).terminate(_LOST)
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return False
    return True


async def _go_on(client: Client, database: Database, cohort_id: str, epoch: int, *, now: datetime) -> bool:
    """Start a rollout anew from the database, unless it goes by this epoch; returns whether it was started.

    One that was stopped since the backup stands still until an operator has looked at it. Several workers may be at
    this at once: none of them ends what another one has just started.
    """
    former = await _of_earlier_epoch(client, cohort_id, epoch)
    if former:
        stage = await _stage_reached(client, former)
        if stage in FROZEN:
            await asyncio.to_thread(_pause, database, cohort_id, stage, now)
        await _end(client, former.id, chain=former.raw_info.first_run_id or None)
    return await rollouts.start_if_absent(client, database, cohort_id)


async def _of_earlier_epoch(
    client: Client, cohort_id: str, epoch: int
) -> WorkflowExecutionDescription | None:
    """The workflow of a rollout, running or over, if it was started in an earlier epoch."""
    try:
        description = await client.get_workflow_handle(rollouts.workflow_id(cohort_id)).describe()
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return None
        raise
    return None if await rollouts.epoch_of(description) == epoch else description


async def _stage_reached(client: Client, description: WorkflowExecutionDescription) -> Stage | None:
    """How far a rollout has come; None if it was ended from outside."""
    if description.status is WorkflowExecutionStatus.RUNNING:
        rollout = client.get_workflow_handle_for(RolloutWorkflow.run, description.id)
        try:
            return (await rollout.query(RolloutWorkflow.standing, rpc_timeout=_ANSWERS_WITHIN)).stage
        except WorkflowQueryFailedError:
            return Stage.PAUSED  # nobody knows, so somebody has to look
    return await _outcome(client, description)


async def _outcome(client: Client, description: WorkflowExecutionDescription) -> Stage | None:
    rollout = client.get_workflow_handle_for(RolloutWorkflow.run, description.id, run_id=description.run_id)
    with suppress(WorkflowFailureError):
        return await rollout.result(follow_runs=False)
    return None


def _pause(database: Database, cohort_id: str, stage: Stage, now: datetime) -> None:
    """Keep a rollout stopped that was stopped after the backup."""
    with database.transaction() as session:
        row = cohorts.get(session, cohort_id)
        standing = cohorts.standing(row)
        if standing.is_frozen or standing.stage not in UNDER_WAY:
            return
        reason = f"it was {stage} when the backup was restored, which does not know why; look, then resume or abort it"
        order = Order(command=Command.PAUSE, by=BY, reason=reason)
        standing = obeyed(order, standing, cohorts.description(row), at=now)
        cohorts.stand(session, cohort_id, standing)
        cohorts.note(
            session,
            cohort_id,
            order.command,
            by=BY,
            reason=reason,
            at=now,
            stage=standing.stage,
            wave=standing.wave,
        )


def _strange_journeys(database: Database, workflow_ids: Sequence[str]) -> Sequence[str]:
    by_account = {running_journeys.account_of(workflow_id) or "": workflow_id for workflow_id in workflow_ids}
    with database.reading() as session:
        return [by_account[account_id] for account_id in journeys.strange(session, list(by_account))]


def _strange_rollouts(database: Database, workflow_ids: Sequence[str]) -> Sequence[str]:
    with database.reading() as session:
        own_ids = {rollouts.workflow_id(row.cohort_id) for row in cohorts.every(session)}
    return [workflow_id for workflow_id in workflow_ids if workflow_id not in own_ids]


def _note_told(database: Database, epoch: int, now: datetime) -> None:
    with database.transaction() as session:
        epochs.note_told(session, epoch, at=now)
