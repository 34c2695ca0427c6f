"""Launches rollouts and gives them commands, on behalf of operators; the cohort's journal says what became of each."""

import asyncio
from datetime import datetime, timedelta

from temporalio.client import Client, RPCTimeoutOrCancelledError, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from domain.messages.messages import Queue
from domain.rollouts.cohorts import Cohort
from domain.rollouts.rollout import OVER, UNDER_WAY, CommandRefused, Order, Standing
from store import Database
from store.rollouts import cohorts
from workflows.rollout import RolloutInput, RolloutWorkflow

ANSWERS_WITHIN = timedelta(seconds=20)


def workflow_id(cohort_id: str) -> str:
    """The id of a cohort's rollout."""
    return f"rollout:{cohort_id}"


async def launch(
    client: Client, database: Database, cohort: Cohort, *, by: str, reason: str, now: datetime
) -> str:
    """Keep a cohort and start its rollout; returns its id.

    Raises Refused if there is a cohort of that name, and RPCError, with nothing kept, if Temporal is away.
    """
    await client.service_client.check_health(timeout=ANSWERS_WITHIN)
    cohort_id = await asyncio.to_thread(_add, database, cohort, by, reason, now)
    await start_if_absent(client, database, cohort_id)
    return cohort_id


async def start_if_absent(client: Client, database: Database, cohort_id: str) -> bool:
    """Start a rollout from where the database says that it stands; False if it runs, or is over."""
    start = await asyncio.to_thread(_input_of, database, cohort_id)
    if start.standing.stage in OVER:
        return False
    try:
        await client.start_workflow(
            RolloutWorkflow.run, start, id=workflow_id(cohort_id), task_queue=Queue.JOURNEYS
        )
    except WorkflowAlreadyStartedError:
        return False
    return True


async def reconcile(client: Client, database: Database) -> int:
    """Start every rollout that is under way and does not run; returns how many it started."""
    under_way = await asyncio.to_thread(_under_way, database)
    return sum([await start_if_absent(client, database, cohort_id) for cohort_id in under_way])


async def command(
    client: Client, database: Database, cohort_id: str, order: Order, *, now: datetime
) -> Standing:
    """Give a rollout a command, and return where it stands then.

    Raises CommandRefused, which the cohort's journal keeps, and RPCError or TimeoutError if Temporal is away.
    """
    handle = client.get_workflow_handle_for(RolloutWorkflow.run, workflow_id(cohort_id))
    try:
        async with asyncio.timeout(ANSWERS_WITHIN.total_seconds()):
            return await handle.execute_update(RolloutWorkflow.command, order)
    except RPCTimeoutOrCancelledError as error:
        raise TimeoutError("no worker has taken the command") from error
    except WorkflowUpdateFailedError as failure:
        refusal = CommandRefused(_words(failure))
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        refusal = CommandRefused(f"{order.command} is not possible: the rollout is over")
    await asyncio.to_thread(_note_refusal, database, cohort_id, order, str(refusal), now)
    raise refusal


async def edit(
    client: Client, database: Database, cohort_id: str, cohort: Cohort, *, by: str, reason: str, now: datetime
) -> None:
    """Change a launched cohort's description, but not its members; its journeys hear of a new policy.

    Raises Refused, and RPCError if Temporal is away.
    """
    await client.service_client.check_health(timeout=ANSWERS_WITHIN)
    await asyncio.to_thread(_describe_anew, database, cohort_id, cohort, by, reason, now)
    handle = client.get_workflow_handle_for(RolloutWorkflow.run, workflow_id(cohort_id))
    await handle.execute_update(RolloutWorkflow.describe_anew, cohort)


def _words(failure: WorkflowUpdateFailedError) -> str:
    """What the rollout said, without the name of the error."""
    return failure.cause.message if isinstance(failure.cause, ApplicationError) else str(failure.cause)


def _under_way(database: Database) -> list[str]:
    with database.reading() as session:
        return [row.cohort_id for row in cohorts.every(session) if row.stage in UNDER_WAY]


def _add(database: Database, cohort: Cohort, by: str, reason: str, now: datetime) -> str:
    with database.transaction() as session:
        return cohorts.add(session, cohort, at=now, by=by, reason=reason).cohort_id


def _input_of(database: Database, cohort_id: str) -> RolloutInput:
    with database.reading() as session:
        row = cohorts.get(session, cohort_id)
        return RolloutInput(
            cohort_id=cohort_id, cohort=cohorts.description(row), standing=cohorts.standing(row)
        )


def _note_refusal(database: Database, cohort_id: str, order: Order, refusal: str, now: datetime) -> None:
    with database.transaction() as session:
        cohorts.note(
            session,
            cohort_id,
            f"{order.command}_refused",
            by=order.by,
            reason=order.reason,
            at=now,
            refusal=refusal,
        )


def _describe_anew(
    database: Database, cohort_id: str, cohort: Cohort, by: str, reason: str, now: datetime
) -> None:
    with database.transaction() as session:
        cohorts.describe_anew(session, cohort_id, cohort, at=now, by=by, reason=reason)
