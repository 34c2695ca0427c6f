"""Rollouts whose histories are recorded: to the end, stopped, ordered about, edited, kept waiting, continued as new."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from temporalio.client import WorkflowHandle, WorkflowHistory, WorkflowUpdateStage
from temporalio.testing import WorkflowEnvironment

from domain.facts import SmsState
from domain.journey import JourneyOutcome
from domain.presets import FAST
from domain.rollouts.cohorts import Wave
from domain.rollouts.guardrails import Guardrail, Reaction
from domain.rollouts.launch_windows import Freeze, LaunchWindows
from domain.rollouts.rollout import OVER, Command, Stage
from store import Database
from store.journeys import journeys
from tests.waiting import eventually
from tests.workflows.rollouts import SECOND, Trial, people, restore_by_person, sms_of, suspend, together
from tests.workflows.test_rollout import CLOSED, LATER, NO_RESTORES, SLOW
from workflows import rollouts
from workflows.rollout import RolloutWorkflow

_ENDS = OVER | {Stage.DONE}
Handle = WorkflowHandle[RolloutWorkflow, Stage]
RolloutScenario = Callable[[WorkflowEnvironment, Database], Awaitable[list[WorkflowHistory]]]

ONE_BY_ONE = 20
"""A pace, in journeys a minute, at which one person is started every three seconds."""

SELDOM = 5 * SECOND
"""Between assessments, where a history is not about them."""


_LONG_WATCHED = tuple(Wave(percent=percent, bake=timedelta(days=14)) for percent in (30, 100))


async def to_the_end(environment: WorkflowEnvironment, database: Database) -> list[WorkflowHistory]:
    """Two waves pass one after the other."""
    people(database, 4)
    trial = await Trial.begin(environment, database, policy=LATER)
    await trial.until(Stage.DONE)
    return await histories_of(trial)


async def held_in_doubt(environment: WorkflowEnvironment, database: Database) -> list[WorkflowHistory]:
    """Too few people hold both waves, and an operator advances twice."""
    people(database, 30)
    trial = await Trial.begin(environment, database, policy=LATER, guardrails=(NO_RESTORES,))
    for wave in (0, 1):
        await trial.until(Stage.HOLDING, wave=wave)
        await trial.order(Command.ADVANCE)
    return await histories_of(trial)


async def given_orders(environment: WorkflowEnvironment, database: Database) -> list[WorkflowHistory]:
    """Paused and resumed in a launch and in a bake, extended, advanced, aborted; an order in between is refused."""
    people(database, 12)
    waves = (Wave(percent=50, bake=timedelta(hours=1)), Wave(percent=100, bake=timedelta(hours=1)))
    trial = await Trial.begin(
        environment, database, policy=LATER, waves=waves, pace=ONE_BY_ONE, assess_every=SELDOM
    )
    await trial.until_launched(1)
    await trial.order(Command.PAUSE)
    await trial.edit(pace=60_000)
    await trial.order(Command.RESUME)
    await trial.until(Stage.BAKING)
    await _pause_twice_at_once(trial)
    await trial.order(Command.RESUME)
    await trial.order(Command.EXTEND, extend_by=timedelta(hours=1))
    await trial.order(Command.ADVANCE)
    await trial.until(Stage.BAKING, wave=1)
    await trial.order(Command.ABORT)
    return await histories_of(trial)


async def rolled_back(environment: WorkflowEnvironment, database: Database) -> list[WorkflowHistory]:
    """An operator takes a wave back while its people are in probation."""
    ids = people(database, 4)
    trial = await Trial.begin(environment, database, policy=LATER, waves=SLOW)
    await trial.until(Stage.BAKING)
    suspend(database, ids, at=datetime.now(UTC))
    await trial.order(Command.ROLLBACK)
    await eventually(lambda: sms_of(database, ids) == {SmsState.ON: 4}, "SMS is on again")
    return await histories_of(trial)


async def paused_by_a_guardrail(
    environment: WorkflowEnvironment, database: Database
) -> list[WorkflowHistory]:
    """A guardrail fails and pauses the rollout; it is resumed without the guardrail, and goes on to its end."""
    trial = await _failed(environment, database, NO_RESTORES)
    await trial.until(Stage.PAUSED)
    await trial.edit(guardrails=(), policy=replace(LATER, name="even later"))
    await trial.order(Command.RESUME)
    await trial.until(Stage.BAKING)
    await trial.order(Command.ADVANCE)
    return await histories_of(trial)


async def rolled_back_by_a_guardrail(
    environment: WorkflowEnvironment, database: Database
) -> list[WorkflowHistory]:
    """A guardrail fails, and the rollout takes its wave back by itself."""
    trial = await _failed(environment, database, replace(NO_RESTORES, reaction=Reaction.ROLLBACK))
    return await histories_of(trial)


async def told_of_by_a_guardrail(
    environment: WorkflowEnvironment, database: Database
) -> list[WorkflowHistory]:
    """A guardrail that only notifies fails, and the rollout is aborted by an operator."""
    trial = await _failed(environment, database, replace(NO_RESTORES, reaction=Reaction.NOTIFY))
    await eventually(lambda: trial.kinds()["guardrail_failed"] == 1, "the operators are told")
    await trial.order(Command.ABORT)
    return await histories_of(trial)


async def edited_in_flight(environment: WorkflowEnvironment, database: Database) -> list[WorkflowHistory]:
    """While a wave launches, an edit changes its policy. The first history ends before the edit does."""
    people(database, 6)
    trial = await Trial.begin(
        environment, database, policy=LATER, waves=SLOW, pace=ONE_BY_ONE, assess_every=SELDOM
    )
    await trial.until_launched(1)
    handle = _handle(trial)
    anew = replace(trial.described(), policy=replace(FAST, name="sooner"))
    with database.transaction():  # renew_policies has to wait for it
        update = await handle.start_update(
            RolloutWorkflow.describe_anew, anew, wait_for_stage=WorkflowUpdateStage.ACCEPTED
        )
        await eventually(lambda: _has_scheduled(handle, "renew_policies"), "policies are to be renewed")
        in_flight = await handle.fetch_history()
    await update.result()
    await trial.edit(pace=60_000)
    await trial.until(Stage.BAKING)
    await trial.order(Command.ABORT)
    return [in_flight, *await histories_of(trial)]


async def kept_waiting_by_windows(
    environment: WorkflowEnvironment, database: Database
) -> list[WorkflowHistory]:
    """A freeze keeps the first wave waiting, and the next freeze interrupts it."""
    people(database, 4)
    now = datetime.now(UTC)
    freezes = tuple(
        Freeze(begins=now + begins * SECOND, ends=now + ends * SECOND, reason="a sale")
        for begins, ends in ((-1, 3), (5, 7))
    )
    windows = LaunchWindows(freezes=freezes)
    trial = await Trial.begin(
        environment, database, policy=LATER, waves=SLOW, windows=windows, pace=ONE_BY_ONE, assess_every=SELDOM
    )
    await trial.until(Stage.BAKING)
    await trial.order(Command.ADVANCE)
    return await histories_of(trial)


async def continued_as_new(environment: WorkflowEnvironment, database: Database) -> list[WorkflowHistory]:
    """Continues as new in a bake and in a pause, and is then resumed and advanced."""
    people(database, 2)
    trial = await Trial.begin(environment, database, policy=LATER, waves=SLOW)
    await trial.until(Stage.BAKING)
    await _continued(trial)
    await trial.order(Command.PAUSE)
    await _continued(trial)
    await trial.order(Command.RESUME)
    await trial.order(Command.ADVANCE)
    return await histories_of(trial)


async def continued_in_a_launch(
    environment: WorkflowEnvironment, database: Database
) -> list[WorkflowHistory]:
    """Continues as new between two people of a wave."""
    people(database, 7)
    trial = await Trial.begin(environment, database, policy=LATER, waves=SLOW, pace=ONE_BY_ONE)
    await _continued(trial)
    await trial.edit(pace=60_000)
    await trial.until(Stage.BAKING)
    await trial.order(Command.ADVANCE)
    return await histories_of(trial)


async def edited_by_the_rollout(
    environment: WorkflowEnvironment, database: Database
) -> list[WorkflowHistory]:
    """The rollout takes edits itself: a freeze in a launch, its end, a shorter bake; one of two at once is refused."""
    people(database, 5)
    trial = await Trial.begin(
        environment, database, policy=LATER, waves=SLOW, pace=ONE_BY_ONE, assess_every=SELDOM
    )
    await trial.until_launched(1)
    now = datetime.now(UTC)
    freeze = Freeze(begins=now, ends=now + timedelta(hours=1), reason="a sale")
    await trial.edit(windows=LaunchWindows(freezes=(freeze,)))
    await trial.assessed()
    seen = trial.standing().version
    await together(*(trial.edit(seen=seen, windows=LaunchWindows(), pace=pace) for pace in (60_000, 61_000)))
    await trial.until(Stage.BAKING)
    policy = replace(LATER, name="even later")
    await trial.edit(waves=(Wave(percent=100, bake=SECOND),), assess_every=SECOND, policy=policy)
    await trial.until(Stage.DONE)
    await trial.order(Command.ABORT)
    return await histories_of(trial)


async def watched_to_the_end(environment: WorkflowEnvironment, database: Database) -> list[WorkflowHistory]:
    """After the last wave it is paused, assessed, resumed, given another wave, and ends with its last journey."""
    ids = people(database, 20)
    half = Wave(percent=50, bake=SECOND)
    trial = await Trial.begin(environment, database, policy=LATER, waves=(half,))
    await trial.until(Stage.DONE)
    await trial.order(Command.PAUSE)
    await trial.assessed()
    await trial.order(Command.RESUME)
    await trial.edit(waves=(half, Wave(percent=100, bake=SECOND)))
    await trial.until(Stage.DONE, wave=1)
    await trial.assessed()
    with database.transaction() as session:
        for account_id in ids:
            journeys.end(session, account_id, JourneyOutcome.MIGRATED, at=datetime.now(UTC))
    await trial.until(Stage.ENDED)
    return await histories_of(trial)


async def looked_at_twice(environment: WorkflowEnvironment, database: Database) -> list[WorkflowHistory]:
    """A guardrail fails in a first look, and its rollout launches nobody new; it fails again, and takes SMS back."""
    ids = people(database, 20)
    guardrail = replace(NO_RESTORES, reaction=Reaction.ROLLBACK)
    trial = await Trial.begin(environment, database, policy=LATER, waves=SLOW, guardrails=(guardrail,))
    await trial.until(Stage.BAKING)
    for people_of_a_look in (ids[:10], ids[10:]):
        suspend(database, people_of_a_look, at=datetime.now(UTC))
        restore_by_person(database, people_of_a_look)
        await eventually(lambda: trial.kinds()["suspected"] == 1, "the first look has failed")
    await trial.until(Stage.ROLLED_BACK)
    return await histories_of(trial)


async def empty(environment: WorkflowEnvironment, database: Database) -> list[WorkflowHistory]:
    """Nobody can take part, so both waves are passed as soon as a launch has walked through them."""
    people(database, 4, phone=None)
    trial = await Trial.begin(environment, database, policy=LATER, waves=_LONG_WATCHED)
    return await histories_of(trial)


async def empty_while_windows_are_closed(
    environment: WorkflowEnvironment, database: Database
) -> list[WorkflowHistory]:
    """Nobody can take part, so both waves are passed without waiting for a window."""
    people(database, 4, phone=None)
    trial = await Trial.begin(environment, database, policy=LATER, waves=_LONG_WATCHED, windows=CLOSED)
    return await histories_of(trial)


ROLLOUTS: dict[str, RolloutScenario] = {
    "rollout-empty": empty,
    "rollout-empty-while-windows-are-closed": empty_while_windows_are_closed,
    "rollout-continued": continued_as_new,
    "rollout-continued-in-a-launch": continued_in_a_launch,
    "rollout-edited-by-itself": edited_by_the_rollout,
    "rollout-edited-in-flight": edited_in_flight,
    "rollout-given-orders": given_orders,
    "rollout-held-in-doubt": held_in_doubt,
    "rollout-kept-waiting-by-windows": kept_waiting_by_windows,
    "rollout-looked-at-twice": looked_at_twice,
    "rollout-paused-by-a-guardrail": paused_by_a_guardrail,
    "rollout-rolled-back": rolled_back,
    "rollout-rolled-back-by-a-guardrail": rolled_back_by_a_guardrail,
    "rollout-to-the-end": to_the_end,
    "rollout-told-of-by-a-guardrail": told_of_by_a_guardrail,
    "rollout-watched-to-the-end": watched_to_the_end,
}


async def _failed(environment: WorkflowEnvironment, database: Database, guardrail: Guardrail) -> Trial:
    """A rollout of which everybody takes SMS back."""
    ids = people(database, 8)
    trial = await Trial.begin(environment, database, policy=LATER, waves=SLOW, guardrails=(guardrail,))
    await trial.until(Stage.BAKING)
    suspend(database, ids, at=datetime.now(UTC))
    restore_by_person(database, ids)
    return trial


async def _pause_twice_at_once(trial: Trial) -> None:
    """Two operators pause what both saw running; the rollout has taken both orders before it refuses one."""
    handle, seen = _handle(trial), trial.standing().version
    with trial.database.transaction():  # the first pause has to wait for it, and the second one for the first
        orders = asyncio.gather(
            trial.order(Command.PAUSE, seen=seen),
            trial.order(Command.PAUSE, by="otto", seen=seen),
            return_exceptions=True,
        )
        await eventually(lambda: _has_taken_one_of_two(handle), "the orders are taken")
    answers = await orders
    assert sorted(type(answer).__name__ for answer in answers) == ["CommandRefused", "Standing"]


async def _has_taken_one_of_two(handle: Handle) -> bool:
    """Whether one update is accepted, and the next one is being looked at."""
    kinds = [event.WhichOneof("attributes") or "" for event in (await handle.fetch_history()).events]
    accepted = "workflow_execution_update_accepted_event_attributes"
    return accepted in kinds[-4:] and kinds[-1] == "workflow_task_started_event_attributes"


async def _continued(trial: Trial) -> None:
    """Wait until the rollout has continued as new."""
    run_id = (await _handle(trial).describe()).run_id

    async def has_continued() -> bool:
        return (await _handle(trial).describe()).run_id != run_id

    await eventually(has_continued, "the rollout has continued as new", within=120)


async def _has_scheduled(handle: Handle, activity: str) -> bool:
    events = (await handle.fetch_history()).events
    return any(
        event.activity_task_scheduled_event_attributes.activity_type.name == activity for event in events
    )


async def histories_of(trial: Trial) -> list[WorkflowHistory]:
    """The histories of all runs of a rollout in their order, once it is over; one that launches nobody new is ended."""
    await eventually(lambda: trial.standing().stage in _ENDS, lambda: f"the end, not {trial.standing()}")
    if trial.standing().stage is Stage.DONE:
        await trial.order(Command.ABORT, seen=None)
    await eventually(lambda: trial.standing().stage in OVER, lambda: f"the end, not {trial.standing()}")
    await _handle(trial).result()
    histories = [await _handle(trial).fetch_history()]
    while run_id := run_before(histories[0]):
        histories.insert(0, await _handle(trial, run_id).fetch_history())
    return histories


def run_before(history: WorkflowHistory) -> str:
    """The run that has continued as this one; empty if this is the first one."""
    return history.events[0].workflow_execution_started_event_attributes.continued_execution_run_id


def _handle(trial: Trial, run_id: str | None = None) -> Handle:
    workflow_id = rollouts.workflow_id(trial.cohort_id)
    return trial.environment.client.get_workflow_handle_for(RolloutWorkflow.run, workflow_id, run_id=run_id)
