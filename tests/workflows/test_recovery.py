"""A request to get back in, on a Temporal server whose time the test moves."""

from datetime import timedelta

from sqlmodel import col, delete
from temporalio.testing import WorkflowEnvironment

from domain.recovery import OPEN_FOR, RecoveryStage
from store import Database
from store.safety import recoveries
from store.safety.recoveries import Recovery, RecoveryProof
from tests.temporal import journey_worker
from tests.workflows.recovery_lives import DAY, RecoveryLife
from tests.workflows.recovery_scenarios import MOMENT, RECOVERIES, put_off_by_a_dispute
from tests.workflows.test_migration import World
from workflows import running_journeys

TO_BOTH = ("email", "sms")


async def test_everybody_is_told_half_way_and_then_the_link_goes_to_one_contact(world: World) -> None:
    life = await RecoveryLife.ask(*world)
    await life.show_second(2 * DAY)
    await life.pass_(DAY - MOMENT)
    assert life.told() == []
    await life.pass_(2 * MOMENT)
    assert sorted(life.told()) == [("recovery_soon", channel) for channel in TO_BOTH]
    await life.pass_(DAY)
    assert life.told()[2:] == [("recovery_open", "email")]
    assert life.recovery().stage == RecoveryStage.OPEN


async def test_a_link_that_nobody_opens_ends_by_itself(world: World) -> None:
    life = await RecoveryLife.ask(*world)
    await life.show_second(timedelta())
    await life.settled()
    assert life.recovery().stage == RecoveryStage.OPEN
    await life.pass_(OPEN_FOR + MOMENT)
    assert await life.handle.result() is RecoveryStage.LAPSED


async def test_whoever_stops_it_stops_it_for_good(world: World) -> None:
    life = await RECOVERIES["recovery-stopped"](*world)
    assert await life.handle.result() is RecoveryStage.STOPPED
    assert [template for template, _ in life.told()] == ["recovery_soon", "recovery_soon"]


async def test_nothing_opens_while_a_dispute_is_open(world: World) -> None:
    life = await RecoveryLife.ask(*world)
    await life.show_second(DAY)
    await life.dispute(is_open=True)
    await life.pass_(30 * DAY)
    assert life.recovery().stage == RecoveryStage.WAITING
    await life.stop()


async def test_it_opens_after_the_dispute(world: World) -> None:
    life = await put_off_by_a_dispute(*world)
    assert life.recovery().stage == RecoveryStage.OPEN


async def test_an_earlier_moment_is_heard_and_told_twice_does_no_harm(world: World) -> None:
    life = await RecoveryLife.ask(*world)
    await life.show_second(7 * DAY)
    await life.tell()
    await life.open_at(life.now)
    await life.tell()
    await life.settled()
    assert [template for template, _ in life.told()] == ["recovery_open"]


async def test_a_request_survives_the_loss_of_all_that_temporal_knows(world: World) -> None:
    environment, database = world
    life = await RecoveryLife.ask(environment, database)
    await life.show_second(2 * DAY)
    await life.handle.terminate("lost")
    running_journeys.requeue_lost(database)
    with database.reading() as session:
        assert [state.recovery_id for state in recoveries.untold(session, limit=5)] == [life.recovery_id]
    life.skipped = timedelta()
    await life.tell()
    await life.pass_(2 * DAY + MOMENT)
    assert life.recovery().stage == RecoveryStage.OPEN


async def test_a_request_that_the_database_does_not_know_ends(world: World) -> None:
    environment, database = world
    life = await RecoveryLife.ask(environment, database)
    handle = life.handle
    with database.transaction() as session:
        for table in (RecoveryProof, Recovery):
            session.execute(delete(table).where(col(table.recovery_id) == life.recovery_id))
    await environment.fast_forward(handle, DAY + MOMENT)
    assert await handle.result() is RecoveryStage.LAPSED


async def test_a_request_is_deterministic_when_every_wake_up_replays_it(
    environment: WorkflowEnvironment, sqlite_database: Database
) -> None:
    async with journey_worker(environment.client, sqlite_database, max_cached_workflows=0):
        life = await RECOVERIES["recovery-opened"](environment, sqlite_database)
    assert await life.handle.result() is RecoveryStage.LAPSED


async def test_a_history_of_a_request_holds_no_personal_data(world: World) -> None:
    life = await RECOVERIES["recovery-opened"](*world)
    recorded, account = (await life.history()).to_json(), life.account()
    assert account.email
    assert account.email not in recorded
    assert account.phone
    assert account.phone not in recorded
