"""Records histories of this release, for later releases to replay: `python -m tests.workflows.record [NAME …]`."""

import asyncio
import re
import sys
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from importlib.metadata import version

from temporalio.testing import WorkflowEnvironment

from store import Database, schema
from tests.temporal import journey_worker, time_skipping_server
from tests.workflows.lives import Life
from tests.workflows.test_history import HISTORIES, happy_life
from tests.workflows.test_migration import CALM, DAY, MOMENT

Scenario = Callable[[WorkflowEnvironment, Database], Awaitable[Life]]


async def reminded_until_stuck(environment: WorkflowEnvironment, database: Database) -> Life:
    """Nobody answers for fifty days."""
    life = await Life.begin(environment, database, CALM)
    await life.pass_(50 * DAY)
    return life


async def restored_in_probation(environment: WorkflowEnvironment, database: Database) -> Life:
    """The person switches text-message codes on again, and loses the passkey in the second probation."""
    life = await Life.begin(environment, database, CALM)
    passkey_id = await life.get_ready()
    await life.pass_(CALM.notice + MOMENT)
    await life.restore_sms()
    await life.pass_(CALM.rest_after_restore + CALM.notice + timedelta(hours=1))
    await life.remove_passkey(passkey_id)
    await life.pass_(CALM.cadence[0].after + MOMENT)
    return life


async def rooted_in_sms(environment: WorkflowEnvironment, database: Database) -> Life:
    """The passkey was bound by text message, and counts only after its cooling-off."""
    life = await Life.begin(environment, database, replace(CALM, notice=DAY, cooling_off=5 * DAY))
    await life.verify_email()
    await life.sign_in_with(await life.bind_passkey(rooted_in_sms_at=life.now))
    await life.keep_recovery_codes()
    await life.pass_(6 * DAY)
    return life


SCENARIOS: dict[str, Scenario] = {
    "happy": happy_life,
    "reminded-until-stuck": reminded_until_stuck,
    "restored-in-probation": restored_in_probation,
    "rooted-in-sms": rooted_in_sms,
    "trust-first": rooted_in_sms,
}


async def record(names: list[str]) -> dict[str, str]:
    """The history of each of these scenarios as JSON, without the name of the machine it was made on."""
    with tempfile.TemporaryDirectory() as directory:
        database = Database(f"sqlite:///{directory}/offramp.db")
        schema.migrate(database)
        async with (
            time_skipping_server() as environment,
            journey_worker(environment.client, database),
        ):
            lives = {name: await SCENARIOS[name](environment, database) for name in names}
            histories = {name: (await life.history()).to_json() for name, life in lives.items()}
    return {name: re.sub(r"\d+@[\w.-]+", "worker@host", history) for name, history in histories.items()}


if __name__ == "__main__":
    for scenario, recorded in asyncio.run(record(sys.argv[1:] or [*SCENARIOS])).items():
        (HISTORIES / f"{version('offramp')}-{scenario}.json").write_text(recorded + "\n")
