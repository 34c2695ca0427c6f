"""Starts journeys and tells them of facts. The database decides which journeys there should be; Temporal runs them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from domain.desk.queries import JOURNEY_PREFIX
from domain.messages.messages import Queue
from store import Database
from store.journeys import facts, journeys
from store.messages import hand_overs
from store.safety import recoveries
from workflows.migration import MigrationInput, MigrationWorkflow

AT_ONCE = 20
"""How many requests to Temporal are under way at a time."""

_Item = TypeVar("_Item")
_Answer = TypeVar("_Answer")


@dataclass(frozen=True, kw_only=True)
class Reconciled:
    """How many journeys should run, and how many of them had to be started, or told the newest facts.

    `ahead` know more than the database. `ended` are the workflows of accounts and cohorts that a restored backup does
    not know; `rollouts` were started.
    """

    running: int
    started: int
    informed: int = 0
    ahead: int = 0
    ended: int = 0
    rollouts: int = 0


def workflow_id(account_id: str) -> str:
    """The id of an account's journey."""
    return f"{JOURNEY_PREFIX}{account_id}"


def account_of(journey_id: str) -> str | None:
    """The account of a journey's id; None if the id is not a journey's."""
    return journey_id.removeprefix(JOURNEY_PREFIX) if journey_id.startswith(JOURNEY_PREFIX) else None


def input_of(database: Database, account_id: str) -> MigrationInput | None:
    """What a journey begins with; None if the account should have no journey (any more)."""
    return next(iter(inputs_of(database, [account_id])), None)


def inputs_of(database: Database, account_ids: Sequence[str]) -> list[MigrationInput]:
    """What several journeys begin with, without accounts that should have no journey (any more).

    The journey of a deleted account has ended already, but its workflow has to hear of that.
    """
    with database.reading() as session:
        policies = journeys.policies_to_tell(session, account_ids)
        current_facts = facts.read_many(session, list(policies))
    return [
        MigrationInput(account_id=account_id, policy=policy, facts=current_facts[account_id])
        for account_id, policy in policies.items()
    ]


async def tell(client: Client, start: MigrationInput) -> bool:
    """Tell a journey the facts, or start it with them if it does not run; returns whether this call started it.

    Raises RPCError when Temporal is away.
    """
    try:
        await signal(client, start)
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        if await start_if_absent(client, start):
            return True
        await signal(client, start)  # another process has started it in between, perhaps with older facts
    return False


async def signal(client: Client, start: MigrationInput) -> None:
    """Tell a journey the facts. Raises RPCError when it does not run, or Temporal is away."""
    handle = client.get_workflow_handle(workflow_id(start.account_id))
    await handle.signal(MigrationWorkflow.facts_changed, start.facts)


async def start_all(client: Client, database: Database, account_ids: Sequence[str]) -> None:
    """Start the journeys among these that should run and do not yet, AT_ONCE at a time."""
    slots = asyncio.Semaphore(AT_ONCE)
    starts = await asyncio.to_thread(inputs_of, database, account_ids)

    async def start(begin: MigrationInput) -> None:
        async with slots:
            await start_if_absent(client, begin)

    async with asyncio.TaskGroup() as tasks:
        for begin in starts:
            tasks.create_task(start(begin))


async def side_by_side(ask: Callable[[_Item], Awaitable[_Answer]], items: Iterable[_Item]) -> list[_Answer]:
    """Ask something of each item, AT_ONCE at a time; the answers in the items' order. Raises the first error."""
    slots = asyncio.Semaphore(AT_ONCE)

    async def ask_in_turn(item: _Item) -> _Answer:
        async with slots:
            return await ask(item)

    return await asyncio.gather(*(ask_in_turn(item) for item in items))


async def missing(client: Client, account_ids: Sequence[str]) -> list[str]:
    """The accounts among these whose journeys do not run in Temporal."""
    run = await side_by_side(lambda account_id: _runs(client, account_id), account_ids)
    return [account_id for account_id, does_run in zip(account_ids, run, strict=True) if not does_run]


async def start_if_absent(client: Client, start: MigrationInput) -> bool:
    """Start a journey unless it runs. Returns whether this call started it."""
    try:
        await client.start_workflow(
            MigrationWorkflow.run,
            start,
            id=workflow_id(start.account_id),
            task_queue=Queue.JOURNEYS,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        )
    except WorkflowAlreadyStartedError:
        return False
    return True


async def _runs(client: Client, account_id: str) -> bool:
    try:
        description = await client.get_workflow_handle(workflow_id(account_id)).describe()
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return False
        raise
    return description.status is WorkflowExecutionStatus.RUNNING


async def each_running(database: Database, *, batch: int = 500) -> AsyncIterator[Sequence[str]]:
    """The accounts whose journeys ought to run, batch by batch."""
    after_id = ""
    while account_ids := await asyncio.to_thread(_running_after, database, after_id, batch):
        yield account_ids
        after_id = account_ids[-1]


def _running_after(database: Database, after_id: str, batch: int) -> Sequence[str]:
    with database.reading() as session:
        return journeys.running(session, after=after_id, batch=batch)


def requeue_lost(database: Database) -> None:
    """Queue again the messages that Temporal was given and has not sent, and tell of recoveries once more."""
    with database.transaction() as session:
        hand_overs.requeue_handed(session)
        recoveries.tell_all_again(session)
