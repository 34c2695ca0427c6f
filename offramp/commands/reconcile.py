"""`offramp reconcile`: starts and tells what ought to run in Temporal, and says which journeys are ahead."""

import asyncio

import typer

from offramp.clock import clock
from offramp.config.settings import Settings
from offramp.opening import opened_database, runnable_settings
from offramp.relay.readiness import temporal_problem
from offramp.views.terminal import Exit, fail, note, out, print_json
from offramp.wiring import connect
from store import Database
from workflows import reconciling
from workflows.running_journeys import Reconciled


def reconcile(*, as_json: bool) -> None:
    """Start what is missing in Temporal, and tell what has not heard; the exit code is 1 if a journey is ahead."""
    settings = runnable_settings()
    with opened_database(settings) as database:
        if problem := asyncio.run(temporal_problem(lambda: connect(settings))):
            fail(problem, Exit.UNREACHABLE)
        reconciled = asyncio.run(_reconcile(settings, database))
    if as_json:
        print_json(reconciled)
    else:
        _show(reconciled)
    raise typer.Exit(Exit.NOT_WELL if reconciled.ahead else Exit.OK)


def _show(reconciled: Reconciled) -> None:
    out.print(
        f"{reconciled.running} journeys ought to run; {reconciled.started} were missing and have been started"
    )
    if reconciled.informed:
        out.print(f"{reconciled.informed} have been told what the database knows")
    if reconciled.ended:
        out.print(f"{reconciled.ended} workflows belonged to nobody in the database and have been ended")
    if reconciled.rollouts:
        out.print(f"{reconciled.rollouts} rollouts were missing and have been started")
    if reconciled.ahead:
        note(
            f"{reconciled.ahead} journeys know more than the database. If it was restored from a backup, stop "
            "everything and run `offramp restored`."
        )


async def _reconcile(settings: Settings, database: Database) -> Reconciled:
    return await reconciling.reconcile(await connect(settings), database, now=clock())
