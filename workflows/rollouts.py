"""Launches rollouts and gives them commands, on behalf of operators; the cohort's journal says what became of each."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from temporalio.client import (
    Client,
    RPCTimeoutOrCancelledError,
    WorkflowExecutionDescription,
    WorkflowHandle,
    WorkflowUpdateFailedError,
)
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from domain.messages.messages import Queue
from domain.rollouts.cohorts import Cohort
from domain.rollouts.edits import Edit
from domain.rollouts.rollout import OVER, CommandRefused, Order, Stage, Standing
from store import Database
from store.engine import epochs
from store.rollouts import cohorts, taken_back
from workflows.rollout import RolloutWorkflow
from workflows.rollout_input import RolloutInput

_EPOCH = "epoch"

ANSWERS_WITHIN = timedelta(seconds=20)

Question = Callable[[WorkflowHandle[RolloutWorkflow, Stage]], Awaitable[Standing]]


@dataclass(frozen=True, kw_only=True)
class OrderAttempt:
    """What was asked of a rollout, for the cohort's journal: a command or an edit, by whom, why and when."""

    what: str
    by: str
    reason: str
    at: datetime


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
    """Start a rollout from where the database says that it stands; False if it runs, or has nothing left to do."""
    start = await asyncio.to_thread(_input_of, database, cohort_id)
    if start is None:
        return False
    try:
        await client.start_workflow(
            RolloutWorkflow.run,
            start,
            id=workflow_id(cohort_id),
            task_queue=Queue.JOURNEYS,
            memo={_EPOCH: start.epoch} if start.epoch else None,
        )
    except WorkflowAlreadyStartedError:
        return False
    return True


async def epoch_of(description: WorkflowExecutionDescription) -> int:
    """The database's epoch in which a rollout's workflow was started."""
    return int(await description.memo_value(_EPOCH, 0, type_hint=int))


async def reconcile(client: Client, database: Database) -> int:
    """Start every rollout that has something left to do and does not run; returns how many it started."""
    cohort_ids = await asyncio.to_thread(every, database)
    return sum([await start_if_absent(client, database, cohort_id) for cohort_id in cohort_ids])


async def command(
    client: Client, database: Database, cohort_id: str, order: Order, *, now: datetime
) -> Standing:
    """Give a rollout a command, and return where it stands then.

    Raises CommandRefused, which the cohort's journal keeps, and RPCError or TimeoutError if Temporal is away.
    """
    attempt = OrderAttempt(what=order.command, by=order.by, reason=order.reason, at=now)
    return await _ask(
        client,
        database,
        cohort_id,
        attempt,
        lambda rollout: rollout.execute_update(RolloutWorkflow.command, order),
    )


async def edit(client: Client, database: Database, cohort_id: str, edit: Edit, *, now: datetime) -> Standing:
    """Change a launched cohort's description, but not its members, and return where its rollout stands then.

    The rollout is asked before anything is written; its journeys hear of a new policy afterwards. Raises
    CommandRefused, which the cohort's journal keeps, and RPCError or TimeoutError if Temporal is away.
    """
    attempt = OrderAttempt(what="edit", by=edit.by, reason=edit.reason, at=now)
    return await _ask(
        client,
        database,
        cohort_id,
        attempt,
        lambda rollout: rollout.execute_update(RolloutWorkflow.edit, edit),
    )


async def _ask(
    client: Client, database: Database, cohort_id: str, attempt: OrderAttempt, question: Question
) -> Standing:
    """Ask the rollout; if Temporal does not run it, and it is not over, start it first."""
    try:
        with contextlib.suppress(_NotRunning):
            return await _answer(client, cohort_id, question)
        await start_if_absent(client, database, cohort_id)
        with contextlib.suppress(_NotRunning):
            return await _answer(client, cohort_id, question)
        refusal = CommandRefused(f"{attempt.what} is not possible: the rollout is over")
    except WorkflowUpdateFailedError as failure:
        refusal = CommandRefused(_words(failure))
    await asyncio.to_thread(_note_refusal, database, cohort_id, attempt, str(refusal))
    raise refusal


class _NotRunning(Exception):
    """Temporal does not run the rollout."""


async def _answer(client: Client, cohort_id: str, question: Question) -> Standing:
    rollout = client.get_workflow_handle_for(RolloutWorkflow.run, workflow_id(cohort_id))
    try:
        async with asyncio.timeout(ANSWERS_WITHIN.total_seconds()):
            return await question(rollout)
    except RPCTimeoutOrCancelledError as error:
        raise TimeoutError("no worker has taken the order") from error
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            raise _NotRunning from error
        raise


def _words(failure: WorkflowUpdateFailedError) -> str:
    """What the rollout said, without the name of the error."""
    return failure.cause.message if isinstance(failure.cause, ApplicationError) else str(failure.cause)


def every(database: Database) -> list[str]:
    """The ids of all cohorts."""
    with database.reading() as session:
        return [row.cohort_id for row in cohorts.every(session)]


def _add(database: Database, cohort: Cohort, by: str, reason: str, now: datetime) -> str:
    with database.transaction() as session:
        return cohorts.add(session, cohort, at=now, by=by, reason=reason).cohort_id


def _input_of(database: Database, cohort_id: str) -> RolloutInput | None:
    """What a rollout goes on with; None if it has nothing left to do."""
    with database.reading() as session:
        row = cohorts.get(session, cohort_id)
        standing = cohorts.standing(row)
        if standing.stage is Stage.ENDED or taken_back.is_noted(session, cohort_id, standing):
            return None
        return RolloutInput(
            cohort_id=cohort_id,
            cohort=cohorts.description(row),
            standing=standing,
            # Who is in was written down before the second wave; accounts that came later are no members.
            is_enrolled=standing.wave > 0 or standing.stage is Stage.DONE or standing.stage in OVER,
            has_to_renew=standing.version > 1,
            epoch=epochs.current(session),
        )


def _note_refusal(database: Database, cohort_id: str, attempt: OrderAttempt, refusal: str) -> None:
    with database.transaction() as session:
        cohorts.note(
            session,
            cohort_id,
            f"{attempt.what}_refused",
            by=attempt.by,
            reason=attempt.reason,
            at=attempt.at,
            refusal=refusal,
        )
