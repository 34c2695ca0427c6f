"""`offramp reconcile`: starts every journey and every rollout that ought to run and does not."""

import asyncio
from dataclasses import replace

from offramp.config.settings import Settings
from offramp.opening import opened_database, runnable_settings
from offramp.relay.readiness import temporal_problem
from offramp.views.terminal import Exit, fail, out, print_json
from offramp.wiring import connect
from store import Database
from workflows import rollouts, running_journeys
from workflows.running_journeys import Reconciled


def reconcile(*, as_json: bool) -> None:
    """Start what is missing in Temporal."""
    settings = runnable_settings()
    with opened_database(settings) as database:
        if problem := asyncio.run(temporal_problem(lambda: connect(settings))):
            fail(problem, Exit.UNREACHABLE)
        reconciled = asyncio.run(_reconcile(settings, database))
    if as_json:
        print_json(reconciled)
        return
    out.print(
        f"{reconciled.running} journeys ought to run; {reconciled.started} were missing and have been started"
    )
    if reconciled.rollouts:
        out.print(f"{reconciled.rollouts} rollouts were missing and have been started")


async def _reconcile(settings: Settings, database: Database) -> Reconciled:
    client = await connect(settings)
    reconciled = await running_journeys.reconcile(client, database)
    return replace(reconciled, rollouts=await rollouts.reconcile(client, database))
