"""Requests to get back in whose histories are recorded: each act, and what interrupts it."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from temporalio.testing import WorkflowEnvironment

from domain.recovery import GATHERING_FOR, OPEN_FOR
from store import Database
from tests.workflows.recovery_lives import DAY, RecoveryLife

RecoveryScenario = Callable[[WorkflowEnvironment, Database], Awaitable[RecoveryLife]]

MOMENT = timedelta(minutes=1)


async def opened(environment: WorkflowEnvironment, database: Database) -> RecoveryLife:
    """It waits, is told of half-way, opens, and nobody uses the link."""
    life = await RecoveryLife.ask(environment, database)
    await life.show_second(2 * DAY)
    await life.pass_(DAY + MOMENT)
    await life.pass_(DAY)
    await life.pass_(OPEN_FOR + MOMENT)
    return life


async def opened_at_once(environment: WorkflowEnvironment, database: Database) -> RecoveryLife:
    """Two strong proofs wait for nothing."""
    life = await RecoveryLife.ask(environment, database)
    await life.show_second(timedelta())
    await life.settled()
    return life


async def hastened(environment: WorkflowEnvironment, database: Database) -> RecoveryLife:
    """A device turns up that lets it open at once."""
    life = await RecoveryLife.ask(environment, database)
    await life.show_second(7 * DAY)
    await life.pass_(DAY)
    await life.open_at(life.now)
    await life.settled()
    return life


async def stopped(environment: WorkflowEnvironment, database: Database) -> RecoveryLife:
    """Somebody says that it was not them."""
    life = await RecoveryLife.ask(environment, database)
    await life.show_second(2 * DAY)
    await life.pass_(DAY + MOMENT)
    await life.stop()
    await life.handle.result()
    return life


async def without_second(environment: WorkflowEnvironment, database: Database) -> RecoveryLife:
    """The second thing never comes."""
    life = await RecoveryLife.ask(environment, database)
    await life.pass_(GATHERING_FOR + MOMENT)
    return life


async def put_off_by_a_dispute(environment: WorkflowEnvironment, database: Database) -> RecoveryLife:
    """A dispute is open when it should open, and is settled before its next moment."""
    life = await RecoveryLife.ask(environment, database)
    await life.show_second(DAY)
    await life.dispute(is_open=True)
    await life.pass_(DAY + MOMENT)
    await life.dispute(is_open=False)
    await life.pass_(3 * DAY)
    return life


RECOVERIES: dict[str, RecoveryScenario] = {
    "recovery-opened": opened,
    "recovery-opened-at-once": opened_at_once,
    "recovery-hastened": hastened,
    "recovery-stopped": stopped,
    "recovery-without-second": without_second,
    "recovery-put-off-by-a-dispute": put_off_by_a_dispute,
}
