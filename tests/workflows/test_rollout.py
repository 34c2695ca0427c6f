"""Rollouts go wave by wave, hold when in doubt, stop by themselves, and do what one operator at a time says."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from temporalio.testing import WorkflowEnvironment

from domain.errors import Refused
from domain.facts import Facts, SmsState
from domain.presets import FAST
from domain.rollouts.buckets import bucket
from domain.rollouts.cohorts import Ineligibility, Wave
from domain.rollouts.guardrails import Guardrail, Metric, Reaction
from domain.rollouts.launch_windows import Freeze, LaunchWindows
from domain.rollouts.rollout import Command, CommandRefused, Stage, Standing
from store import Database
from store.journeys import facts
from store.messages import hand_overs
from store.people import passkeys
from store.rollouts import cohorts, passed_over
from tests import factories
from tests.temporal import OPERATOR
from tests.waiting import eventually
from tests.workflows.rollouts import (
    BRISK,
    SECOND,
    Trial,
    journeys_of,
    people,
    restore_by_person,
    sms_of,
    suspend,
    together,
)
from workflows import rollouts, running_journeys

World = tuple[WorkflowEnvironment, Database]

SLOW = (Wave(percent=100, bake=timedelta(hours=1)),)
CLOSED = LaunchWindows(
    freezes=(
        Freeze(
            begins=datetime(2020, 1, 1, tzinfo=UTC), ends=datetime(2100, 1, 1, tzinfo=UTC), reason="a sale"
        ),
    )
)
"""Launch windows that stay closed while a test lasts."""

LATER = replace(
    FAST,
    name="later",
    invitation=replace(FAST.invitation, after=timedelta(hours=1)),
    cadence=(),
    patience=timedelta(hours=2),
)
"""Nothing happens to anybody by this policy while a test lasts, so that only the rollout acts."""

NO_RESTORES = Guardrail(
    metric=Metric.SMS_RESTORES,
    limit=0.1,
    least_sample=5,
    window=timedelta(days=1),
    reaction=Reaction.PAUSE,
)


async def test_waves_follow_each_other_and_everybody_is_started_once(world: World) -> None:
    environment, database = world
    people(database, 50)
    trial = await Trial.begin(environment, database)
    await trial.until(Stage.DONE)
    waves = [member.wave for member in trial.launched()]
    expected = sum(member.bucket < 3000 for member in trial.launched())
    assert (waves.count(0), len(waves)) == (expected, 50)
    assert await trial.running() == 50
    assert trial.kinds()["wave_launched"] == 2
    assert await trial.events() < 200


@pytest.mark.parametrize("windows", [LaunchWindows(), CLOSED])
async def test_waves_that_have_nobody_to_launch_are_passed_at_once_whatever_the_windows_and_the_bake(
    world: World, windows: LaunchWindows
) -> None:
    environment, database = world
    ids = people(database, 12, phone=None)
    waves = tuple(Wave(percent=percent, bake=timedelta(days=14)) for percent in (30, 100))
    trial = await Trial.begin(environment, database, waves=waves, windows=windows)
    await trial.until(Stage.ENDED)
    assert trial.kinds()["wave_empty"] == 2
    assert trial.launched() == []
    with database.reading() as session:
        reasons = passed_over.every(session, trial.cohort_id)
        assert {member.account_id: member.because for member in reasons} == dict.fromkeys(
            ids, Ineligibility.NO_PHONE
        )


async def test_a_wave_with_somebody_to_launch_waits_for_its_window(world: World) -> None:
    environment, database = world
    people(database, 5, phone=None)
    people(database, 1)
    trial = await Trial.begin(environment, database, waves=SLOW, windows=CLOSED)
    await trial.assessed(times=2)
    assert (trial.standing().stage, trial.kinds()["wave_empty"]) == (Stage.LAUNCHING, 0)


async def test_a_holdout_is_never_launched(world: World) -> None:
    environment, database = world
    ids = people(database, 60)
    trial = await Trial.begin(environment, database, holdout_percent=40)
    await trial.until(Stage.DONE)
    with database.reading() as session:
        salt = cohorts.get(session, trial.cohort_id).salt
    held_out = {account_id for account_id in ids if bucket(salt, account_id) >= 6000}
    assert held_out
    assert set(journeys_of(database)) == set(ids) - held_out


async def test_too_few_people_hold_the_wave_until_an_operator_says_go_on(world: World) -> None:
    environment, database = world
    people(database, 20)
    trial = await Trial.begin(environment, database, guardrails=(NO_RESTORES,))
    await trial.until(Stage.HOLDING)
    assert "inconclusive" in trial.standing().because
    await trial.order(Command.ADVANCE)
    await trial.until(Stage.HOLDING, wave=1)
    assert len(trial.launched()) == 20


async def test_a_failed_guardrail_stops_the_rollout_by_itself(world: World) -> None:
    environment, database = world
    ids = people(database, 12)
    trial = await Trial.begin(environment, database, waves=SLOW, guardrails=(NO_RESTORES,))
    await trial.until(Stage.BAKING)
    now = datetime.now(UTC)
    suspend(database, ids, at=now)
    restore_by_person(database, ids)
    await trial.until(Stage.PAUSED)
    entry = trial.entries()[0]
    assert (entry.kind, entry.by, entry.reason) == ("pause", "guardrails", "failed: sms_restores")
    with database.reading() as session:
        notices = hand_overs.waited_for(session, now=now, limit=100)
    mails = [message for message in notices if not message.account_id]
    assert [(message.recipient, message.values["reaction"]) for message in mails] == [(OPERATOR, "pause")]


async def test_a_guardrail_that_only_notifies_says_so_once_and_holds_the_wave(world: World) -> None:
    environment, database = world
    ids = people(database, 12)
    watched = replace(NO_RESTORES, reaction=Reaction.NOTIFY)
    one_wave = (Wave(percent=100, bake=SECOND),)
    trial = await Trial.begin(environment, database, waves=one_wave, guardrails=(watched,))
    await trial.until(Stage.HOLDING)
    suspend(database, ids, at=datetime.now(UTC))
    restore_by_person(database, ids)
    await eventually(lambda: trial.kinds()["guardrail_failed"] == 1, "the operators are told")
    before = await trial.events()
    await _more_events(trial, before + 12)
    assert trial.kinds()["guardrail_failed"] == 1
    assert trial.standing().stage is Stage.HOLDING


async def test_a_rollback_restores_sms_to_everybody_of_the_wave_in_probation(world: World) -> None:
    environment, database = world
    ids = people(database, 8)
    trial = await Trial.begin(environment, database, waves=SLOW, policy=LATER)
    await trial.until(Stage.BAKING)
    suspend(database, ids, at=datetime.now(UTC))
    await trial.order(Command.ROLLBACK)
    await eventually(lambda: sms_of(database, ids) == {SmsState.ON: 8}, "SMS is on again")
    assert trial.standing().stage is Stage.ROLLED_BACK


async def test_an_abort_restores_sms_only_to_who_has_not_signed_in_since(world: World) -> None:
    environment, database = world
    ids = people(database, 4)
    trial = await Trial.begin(environment, database, waves=SLOW, policy=LATER)
    await trial.until(Stage.BAKING)
    suspend(database, ids, at=datetime.now(UTC))
    _sign_in_by_passkey(database, ids[0])
    await trial.order(Command.ABORT)
    await eventually(lambda: sms_of(database, ids[1:]) == {SmsState.ON: 3}, "SMS is on again")
    assert sms_of(database, ids[:1]) == {SmsState.SUSPENDED: 1}


async def test_a_pause_stops_starting_and_a_resume_goes_on_where_it_was(world: World) -> None:
    environment, database = world
    people(database, 30)
    trial = await Trial.begin(environment, database, waves=SLOW, pace=120)
    await trial.until_launched(5)
    await trial.order(Command.PAUSE)
    stopped_at = len(trial.launched())
    assert stopped_at < 30
    await trial.edit(pace=60_000)
    assert len(trial.launched()) <= stopped_at + 10  # at most the batch that was under way
    await trial.order(Command.RESUME)
    await trial.until(Stage.BAKING)
    assert len(trial.launched()) == 30
    assert await trial.running() == 30


async def test_a_paused_cohort_holds_its_journeys_and_a_resume_lets_them_go_on(world: World) -> None:
    environment, database = world
    policy = replace(FAST, invitation=replace(FAST.invitation, after=2 * SECOND))
    (account_id,) = people(database, 1)
    trial = await Trial.begin(environment, database, waves=SLOW, policy=replace(policy, name="late"))
    await trial.until(Stage.BAKING)
    await trial.order(Command.PAUSE)
    await eventually(lambda: _facts(database, account_id).held_since is not None, "the journey is held")
    assert _facts(database, account_id).nudges == ()
    await trial.order(Command.RESUME)
    await eventually(lambda: _facts(database, account_id).held_since is None, "the journey is released")


async def test_of_two_operators_at_once_one_wins_and_both_are_in_the_journal(world: World) -> None:
    environment, database = world
    people(database, 3)
    trial = await Trial.begin(environment, database, waves=SLOW)
    await trial.until(Stage.BAKING)
    seen = trial.standing().version
    answers = await together(
        trial.order(Command.PAUSE, by="olga", seen=seen), trial.order(Command.ABORT, by="otto", seen=seen)
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["CommandRefused", "Standing"]
    refusal = next(answer for answer in answers if isinstance(answer, CommandRefused))
    assert "moved on since you looked" in str(refusal)
    winner = next(answer for answer in answers if isinstance(answer, Standing))
    kinds = trial.kinds()
    if winner.stage is Stage.PAUSED:
        assert (kinds["pause"], kinds["abort_refused"]) == (1, 1)
    else:
        assert (kinds["abort"], kinds["pause_refused"]) == (1, 1)


async def test_a_command_to_a_rollout_that_is_over_is_refused_and_on_record(world: World) -> None:
    environment, database = world
    people(database, 2)
    trial = await Trial.begin(environment, database)
    await trial.until(Stage.DONE)
    await trial.order(Command.ABORT)
    await eventually(lambda: trial.kinds()["taken_back"] == 1, "the abort is over")
    await trial.closed()
    for _ in range(2):
        with pytest.raises(CommandRefused, match=r"^pause is not possible: the rollout is over"):
            await trial.order(Command.PAUSE)
    with pytest.raises(CommandRefused, match=r"^edit is not possible: the rollout is over"):
        await trial.edit(pace=7)
    assert (trial.kinds()["pause_refused"], trial.kinds()["edit_refused"]) == (2, 1)
    assert trial.described().pace == BRISK.pace


async def test_a_refusal_says_why_in_plain_words(world: World) -> None:
    environment, database = world
    people(database, 1)
    trial = await Trial.begin(environment, database, waves=SLOW)
    await trial.until(Stage.BAKING)
    with pytest.raises(CommandRefused, match=r"^resume is not possible while"):
        await trial.order(Command.RESUME)


async def test_a_changed_policy_reaches_journeys_under_way(world: World) -> None:
    environment, database = world
    (account_id,) = people(database, 1)
    trial = await Trial.begin(environment, database, waves=SLOW, policy=LATER)
    await trial.until(Stage.BAKING)
    assert _facts(database, account_id).nudges == ()
    await trial.edit(policy=FAST)
    await eventually(
        lambda: _facts(database, account_id).policy_changes == 1, "the journey has the new policy"
    )
    await _tell(environment, database, account_id)
    await eventually(lambda: len(_facts(database, account_id).nudges) == 1, "the new policy invites at once")


async def test_who_is_in_cannot_be_edited_after_the_launch(world: World) -> None:
    environment, database = world
    people(database, 2)
    trial = await Trial.begin(environment, database, waves=SLOW)
    await trial.until(Stage.BAKING)
    with pytest.raises(Refused, match="holdout_percent cannot change"):
        await trial.edit(holdout_percent=20)


async def test_a_wave_that_has_begun_cannot_be_edited_away(world: World) -> None:
    environment, database = world
    people(database, 20)
    second = (Wave(percent=50, bake=SECOND), Wave(percent=100, bake=timedelta(hours=1)))
    trial = await Trial.begin(environment, database, waves=second)
    await trial.until(Stage.BAKING, wave=1)
    with pytest.raises(Refused, match="keep that many waves"):
        await trial.edit(waves=SLOW)


async def test_a_name_is_launched_once(world: World) -> None:
    environment, database = world
    await Trial.begin(environment, database, waves=SLOW)
    with pytest.raises(Refused, match="already"):
        await Trial.begin(environment, database, waves=SLOW)


async def test_a_rollout_that_temporal_has_lost_goes_on_where_the_database_says(world: World) -> None:
    environment, database = world
    people(database, 5)
    trial = await Trial.begin(environment, database, waves=SLOW)
    await trial.until(Stage.BAKING)
    await trial.order(Command.PAUSE)
    handle = environment.client.get_workflow_handle(rollouts.workflow_id(trial.cohort_id))
    await handle.terminate("as if Temporal had lost it")
    assert await rollouts.reconcile(environment.client, database) == 1
    assert await rollouts.reconcile(environment.client, database) == 0
    await trial.order(Command.RESUME)
    await trial.until(Stage.BAKING)


async def test_a_long_rollout_continues_as_new_and_forgets_nothing(world: World) -> None:
    environment, database = world
    people(database, 4)
    trial = await Trial.begin(environment, database, waves=SLOW)
    await trial.until(Stage.BAKING)
    handle = environment.client.get_workflow_handle(rollouts.workflow_id(trial.cohort_id))
    first_run = (await handle.describe()).run_id
    before = trial.standing()

    async def has_continued() -> bool:
        await environment.fast_forward(handle, timedelta(seconds=20))
        return (await handle.describe()).run_id != first_run

    # How many assessments a stretch holds depends on how quick they are.
    await eventually(has_continued, "the rollout has continued as new", within=120)
    assert trial.standing() == before
    await trial.order(Command.ADVANCE)
    await trial.until(Stage.DONE)


async def test_ten_cohorts_at_once_do_not_starve_each_other(world: World) -> None:
    environment, database = world
    trials = []
    for number in range(10):
        people(database, 10, risk_tier=f"tier{number}")
        include = replace(BRISK.include, risk_tiers=(f"tier{number}",))
        trials.append(
            await Trial.begin(
                environment, database, name=f"cohort {number}", include=include, pace=60, waves=SLOW
            )
        )
    for trial in trials:
        await trial.until_launched(5)
    assert max(len(trial.launched()) for trial in trials) <= 10
    for trial in trials:
        await trial.order(Command.ABORT, seen=None)


async def _more_events(trial: Trial, count: int) -> None:
    """Wait until the rollout has been assessed a few times more."""

    async def grown() -> bool:
        return await trial.events() >= count

    await eventually(grown, "more assessments are made")


def _facts(database: Database, account_id: str) -> Facts:
    with database.reading() as session:
        return facts.read(session, account_id)


async def _tell(environment: WorkflowEnvironment, database: Database, account_id: str) -> None:
    """What the relay does."""
    start = running_journeys.input_of(database, account_id)
    assert start
    await running_journeys.tell(environment.client, start)


def _sign_in_by_passkey(database: Database, account_id: str) -> None:
    with database.transaction() as session:
        now = datetime.now(UTC)
        passkeys.note_use(session, factories.make_passkey(session, account_id), at=now, day=now.date())
