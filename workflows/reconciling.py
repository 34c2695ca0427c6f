"""Brings Temporal in line with the database: what ought to run does, and goes by what the database knows."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import datetime

from temporalio.client import Client

from store import Database
from store.engine import epochs
from workflows import restoring, rollouts, running_journeys
from workflows.hearing import Hearing, Mended
from workflows.running_journeys import Reconciled


async def reconcile(client: Client, database: Database, *, now: datetime) -> Reconciled:
    """Start what is missing, tell who has not heard, and queue again the messages that Temporal has lost.

    After a restored backup, everybody is told of the new epoch. Raises RPCError when Temporal is away.
    """
    epoch = await asyncio.to_thread(untold, database)
    if epoch is not None:
        return await restoring.tell_everybody(client, database, epoch, now=now)
    reconciled = await reconcile_journeys(client, database)
    return replace(reconciled, rollouts=await rollouts.reconcile(client, database))


async def reconcile_journeys(client: Client, database: Database) -> Reconciled:
    """Start every journey that should run and does not, and tell those that have not heard the newest facts."""
    hearing, outcomes = Hearing(client, database), Counter[Mended]()
    async for account_ids in running_journeys.each_running(database):
        outcomes.update(await running_journeys.side_by_side(hearing.mend, account_ids))
    await asyncio.to_thread(running_journeys.requeue_lost, database)
    return Reconciled(
        running=outcomes.total(),
        started=outcomes[Mended.STARTED],
        informed=outcomes[Mended.TOLD],
        ahead=outcomes[Mended.AHEAD],
    )


def untold(database: Database) -> int | None:
    """The number of the present epoch, if not every journey and rollout has been told of it."""
    with database.reading() as session:
        epoch = epochs.untold(session)
        return epoch.number if epoch else None
