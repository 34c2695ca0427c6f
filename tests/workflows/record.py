"""Records histories of this release, for later releases to replay: `python -m tests.workflows.record [NAME …]`."""

import asyncio
import re
import sys
import tempfile
from importlib.metadata import version

from temporalio.client import WorkflowHistory
from temporalio.testing import WorkflowEnvironment

from store import Database, schema
from tests.temporal import end_journeys, journey_worker, time_skipping_server
from tests.workflows.interrupted_journeys import CHECKERS, CONTINUED, INTERRUPTED
from tests.workflows.journey_scenarios import STEADY
from tests.workflows.lives import Life
from tests.workflows.recovery_scenarios import RECOVERIES
from tests.workflows.replays.replaying import HISTORIES
from tests.workflows.rollout_scenarios import ROLLOUTS as STEADY_ROLLOUTS
from tests.workflows.rollout_scenarios import run_before
from tests.workflows.rollouts_behind import BEHIND

JOURNEYS = STEADY | INTERRUPTED | RECOVERIES
ROLLOUTS = STEADY_ROLLOUTS | BEHIND

FEW_EVENTS = 60
"""After how many events a workflow continues as new where its scenario is about that, so that the files stay small."""

SOON_LONG = {*ROLLOUTS, *CONTINUED}


async def record(names: list[str]) -> dict[str, str]:
    """The histories of these scenarios as JSON, without the name of the machine they were made on.

    A scenario has several histories if its workflow continued as new, or if it is also recorded on its way; they are
    numbered.
    """
    async with time_skipping_server() as environment:
        played = {name: await _played(name, environment) for name in names if name not in SOON_LONG}
    async with time_skipping_server(suggests_to_continue_at=FEW_EVENTS) as environment:
        played |= {name: await _played(name, environment) for name in names if name in SOON_LONG}
    return {
        f"{name}-{number}" if len(histories) > 1 else name: _without_machine(history.to_json())
        for name, histories in played.items()
        for number, history in enumerate(histories, start=1)
    }


async def _played(name: str, environment: WorkflowEnvironment) -> list[WorkflowHistory]:
    """The histories of one scenario, on a database of its own."""
    with tempfile.TemporaryDirectory() as directory:
        database = Database(f"sqlite:///{directory}/offramp.db")
        schema.migrate(database)
        async with journey_worker(environment.client, database, sim_checker=CHECKERS.get(name)):
            if name in JOURNEYS:
                histories = await _of_all_runs(await JOURNEYS[name](environment, database))
            else:
                histories = await ROLLOUTS[name](environment, database)
            await end_journeys(environment.client, database)
    return histories


async def _of_all_runs(life: Life) -> list[WorkflowHistory]:
    """The histories of all runs of a journey, in their order."""
    histories = [await life.history()]
    while run_id := run_before(histories[0]):
        handle = life.environment.client.get_workflow_handle(life.handle.id, run_id=run_id)
        histories.insert(0, await handle.fetch_history())
    return histories


def _without_machine(history: str) -> str:
    return re.sub(r"\d+@[\w.-]+", "worker@host", history)


if __name__ == "__main__":
    for scenario, history_as_json in asyncio.run(record(sys.argv[1:] or [*JOURNEYS, *ROLLOUTS])).items():
        (HISTORIES / f"{version('offramp')}-{scenario}.json").write_text(history_as_json + "\n")
