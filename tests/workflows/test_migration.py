"""The journey over weeks, on real transactions and a clock that the test moves, whoever runs the ceremonies."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from temporalio.testing import WorkflowEnvironment

from domain.facts import Channel, Milestone, SmsState
from domain.journal import EventKind
from domain.journey import JourneyOutcome
from domain.presets import STANDARD
from domain.safety.sim import SimReport
from store import Database
from store.journeys import sms
from tests import factories
from tests.fakes import FakeSimChecker
from tests.temporal import end_journeys, journey_worker
from tests.workflows.lives import Life

CALM = replace(STANDARD, quiet_from=time(0), quiet_until=time(0), jitter=timedelta(), proving_days=1)
"""The standard policy by day and night, to the minute."""

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MOMENT = timedelta(minutes=1)

World = tuple[WorkflowEnvironment, Database]


async def test_an_account_goes_all_the_way_and_sms_is_removed_at_the_end(
    world: World, lives: type[Life]
) -> None:
    life = await lives.begin(*world, CALM)
    await life.get_ready()
    await life.pass_(MOMENT)
    assert life.facts().sms is SmsState.NOTICE
    await life.pass_(CALM.notice)
    assert life.facts().sms is SmsState.SUSPENDED
    await life.pass_(CALM.probation)
    assert await life.handle.result() == JourneyOutcome.MIGRATED
    assert life.facts().sms is SmsState.REMOVED
    with life.database.reading() as session:
        assert [proof.state for proof in sms.proofs(session, life.account_id)] == ["suspended", "removed"]


async def test_the_journey_of_a_deleted_account_is_over_and_nothing_more_is_sent(
    world: World, lives: type[Life]
) -> None:
    life = await lives.begin(*world, CALM)
    await life.get_ready()
    await life.pass_(CALM.notice + MOMENT)
    assert life.facts().sms is SmsState.SUSPENDED
    await life.delete()
    assert await life.handle.result() == JourneyOutcome.DELETED
    assert life.happened()[-1] == EventKind.JOURNEY_ENDED
    await life.tell()
    assert await life.handle.result() == JourneyOutcome.DELETED


async def test_ninety_days_of_silence_bring_five_reminders_one_report_and_never_cost_anybody_sms(
    world: World,
    lives: type[Life],
) -> None:
    life = await lives.begin(*world, CALM)
    began = life.now
    for _ in range(90):
        await life.pass_(DAY)
    nudges = life.nudges(Milestone.EMAIL_VERIFIED)
    after_days = [round((nudge.created_at - began) / DAY) for nudge in nudges]
    assert after_days == [0, 3, 7, 14, 28]
    assert [nudge.channel for nudge in nudges] == ["email", "email", "sms", "email", "email"]
    assert life.happened().count(EventKind.STUCK) == 1
    assert life.account().stuck_reason == "nudges_used_up"
    assert life.facts().sms is SmsState.ON


async def test_sms_stays_on_until_the_passkey_has_signed_in_on_two_days(
    world: World, lives: type[Life]
) -> None:
    life = await lives.begin(*world, replace(CALM, proving_days=2))
    passkey_id = await life.get_ready()
    await life.pass_(CALM.notice + DAY)
    assert life.facts().sms is SmsState.ON
    await life.sign_in_with(passkey_id)
    await life.pass_(CALM.notice + DAY)
    assert life.facts().sms is SmsState.SUSPENDED


async def test_cooling_off_then_notice_then_suspension_one_after_the_other(
    world: World, lives: type[Life]
) -> None:
    policy = replace(CALM, notice=DAY, cooling_off=5 * DAY, sim_swap_window=5 * DAY)
    life = await lives.begin(*world, policy)
    await life.verify_email()
    await life.sign_in_with(await life.bind_passkey(**factories.by_sms(life.now, wait=policy.cooling_off)))
    await life.keep_recovery_codes()
    await life.pass_(4 * DAY)
    assert life.facts().sms is SmsState.ON
    await life.pass_(DAY + MOMENT)
    assert life.facts().sms is SmsState.NOTICE
    await life.pass_(DAY + MOMENT)
    assert life.facts().sms is SmsState.SUSPENDED


async def test_milestones_reached_in_any_order_are_passed_at_once(world: World, lives: type[Life]) -> None:
    life = await lives.begin(*world, CALM)
    await life.keep_recovery_codes()
    await life.sign_in_with(await life.bind_passkey())
    await life.verify_email()
    await life.pass_(MOMENT)
    assert life.facts().sms is SmsState.NOTICE


async def test_sms_restored_in_probation_stays_on_for_a_rest_and_is_announced_anew(
    world: World, lives: type[Life]
) -> None:
    life = await lives.begin(*world, CALM)
    await life.get_ready()
    await life.pass_(CALM.notice + MOMENT)
    await life.restore_sms()
    await life.pass_(CALM.rest_after_restore - DAY)
    assert life.facts().sms is SmsState.ON
    await life.pass_(2 * DAY)
    assert life.facts().sms is SmsState.NOTICE
    notices = [message for message in life.messages() if message.template == "sms_notice"]
    assert len({message.key for message in notices}) == 4


async def test_a_shorter_notice_does_not_reach_whoever_was_told_a_longer_one(
    world: World, lives: type[Life]
) -> None:
    life = await lives.begin(*world, replace(CALM, notice=10 * DAY))
    await life.get_ready()
    await life.pass_(MOMENT)
    await life.follow(replace(CALM, notice=15 * MOMENT))
    await life.pass_(9 * DAY)
    assert life.facts().sms is SmsState.NOTICE
    await life.pass_(DAY + MOMENT)
    assert life.facts().sms is SmsState.SUSPENDED


async def test_a_longer_notice_is_told_first_and_then_waited_for(world: World, lives: type[Life]) -> None:
    life = await lives.begin(*world, replace(CALM, notice=3 * DAY))
    await life.get_ready()
    await life.pass_(2 * DAY)
    await life.follow(replace(CALM, notice=10 * DAY))
    await life.pass_(2 * DAY)
    assert life.facts().sms is SmsState.NOTICE
    days = {message.values["days"] for message in life.messages() if message.template == "sms_notice"}
    assert days == {"3", "7"}
    await life.pass_(7 * DAY)
    assert life.facts().sms is SmsState.SUSPENDED


async def test_while_the_notice_has_not_gone_out_its_days_do_not_run(
    environment: WorkflowEnvironment, sqlite_database: Database, lives: type[Life]
) -> None:
    async with journey_worker(environment.client, sqlite_database, sends_notices=False):
        life = await lives.begin(environment, sqlite_database, replace(CALM, notice=3 * HOUR))
        await life.get_ready()
        await life.pass_(4 * HOUR)
        assert life.facts().sms is SmsState.NOTICE
        life.send_everything()
        await life.pass_(HOUR)
        assert life.facts().sms is SmsState.NOTICE
        await life.pass_(3 * HOUR)
        assert life.facts().sms is SmsState.SUSPENDED
        await end_journeys(environment.client, sqlite_database)


async def test_where_days_are_seconds_a_late_notice_costs_seconds_and_not_an_hour(
    environment: WorkflowEnvironment, sqlite_database: Database, lives: type[Life]
) -> None:
    async with journey_worker(environment.client, sqlite_database, sends_notices=False):
        life = await lives.begin(environment, sqlite_database, replace(CALM, notice=MOMENT / 2))
        await life.get_ready()
        await life.pass_(2 * MOMENT)
        assert life.facts().sms is SmsState.NOTICE
        life.send_everything()
        await life.pass_(2 * MOMENT)
        assert life.facts().sms is SmsState.SUSPENDED
        await end_journeys(environment.client, sqlite_database)


async def test_a_notice_that_bounced_everywhere_is_given_anew_when_a_channel_works(
    world: World, lives: type[Life]
) -> None:
    life = await lives.begin(*world, CALM)
    await life.get_ready()
    await life.pass_(MOMENT)
    await life.bounce_everything()
    await life.pass_(CALM.notice)
    assert (life.facts().sms, life.account().stuck_reason) == (SmsState.NOTICE, "notice_missed")
    await life.change_email("reachable@example.org")
    await life.pass_(MOMENT)
    assert life.happened().count(EventKind.NOTICE_GIVEN) == 2
    assert life.facts().stuck_since is None
    await life.pass_(CALM.notice - 2 * MOMENT)
    assert life.facts().sms is SmsState.NOTICE
    await life.pass_(2 * MOMENT)
    assert life.facts().sms is SmsState.SUSPENDED


async def test_a_reminder_that_bounced_is_made_up_for_by_the_next_channel(
    world: World, lives: type[Life]
) -> None:
    life = await lives.begin(*world, CALM)
    await life.pass_(MOMENT)
    life.send_everything()
    await life.bounce_everything()
    await life.pass_(MOMENT)
    nudges = life.nudges(Milestone.EMAIL_VERIFIED)
    assert [nudge.channel for nudge in nudges] == [Channel.EMAIL, Channel.SMS]
    assert len({nudge.key for nudge in nudges}) == 2


async def test_a_proof_that_breaks_in_probation_brings_sms_back_at_once(
    world: World, lives: type[Life]
) -> None:
    life = await lives.begin(*world, CALM)
    passkey_id = await life.get_ready()
    await life.pass_(CALM.notice + MOMENT)
    assert life.facts().sms is SmsState.SUSPENDED
    await life.remove_passkey(passkey_id)
    await life.pass_(MOMENT)
    assert life.facts().sms is SmsState.ON
    await life.pass_(CALM.cadence[0].after)
    assert len(life.nudges(Milestone.PASSKEY_ENROLLED)) == 1


async def test_signals_that_are_doubled_late_or_lost_do_no_harm(world: World, lives: type[Life]) -> None:
    life = await lives.begin(*world, CALM)
    stale = life.facts()
    await life.get_ready()
    await life.handle.signal("facts_changed", stale)
    await life.tell()
    await life.tell()
    await life.pass_(CALM.notice + MOMENT)
    assert life.facts().sms is SmsState.SUSPENDED
    assert life.happened().count(EventKind.NOTICE_GIVEN) == 1


async def test_somebody_without_an_address_is_reminded_by_text_message(
    world: World, lives: type[Life]
) -> None:
    life = await lives.begin(*world, CALM, email=None)
    await life.pass_(4 * DAY)
    assert {nudge.channel for nudge in life.nudges(Milestone.EMAIL_VERIFIED)} == {Channel.SMS}


async def test_nobody_is_nudged_in_their_night(world: World, lives: type[Life]) -> None:
    nightfall = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(hours=1)
    policy = replace(CALM, quiet_from=nightfall.time(), quiet_until=(nightfall + timedelta(hours=3)).time())
    life = await lives.begin(*world, policy)
    await life.pass_(timedelta(hours=1))
    assert life.nudges(Milestone.EMAIL_VERIFIED) == []
    await life.pass_(timedelta(hours=2))
    assert len(life.nudges(Milestone.EMAIL_VERIFIED)) == 1


async def test_a_flood_of_facts_continues_as_new_and_forgets_nothing(world: World, lives: type[Life]) -> None:
    life = await lives.begin(*world, CALM)
    first_run = (await life.handle.describe()).run_id
    passkey_id = await life.bind_passkey()
    for _ in range(40):
        await life.sign_in_with(passkey_id)
        await life.settled()
    await life.verify_email()
    await life.keep_recovery_codes()
    await life.pass_(CALM.notice + MOMENT)
    assert (await life.handle.describe()).run_id != first_run
    assert life.facts().sms is SmsState.SUSPENDED


async def test_the_carrier_is_asked_once_about_the_sim_before_sms_goes(
    environment: WorkflowEnvironment, sqlite_database: Database, lives: type[Life]
) -> None:
    policy = replace(CALM, notice=DAY, cooling_off=3 * DAY, sim_swap_window=7 * DAY)
    checker = FakeSimChecker()
    async with journey_worker(environment.client, sqlite_database, sim_checker=checker):
        life = await lives.begin(environment, sqlite_database, policy)
        checker.report = SimReport(changed_at=life.now - HOUR)
        await life.verify_email()
        await life.sign_in_with(await life.bind_passkey(**factories.by_sms(life.now)))
        await life.keep_recovery_codes()
        await life.pass_(3 * DAY - HOUR)
        assert checker.asked == []
        await life.pass_(2 * HOUR)
        assert len(checker.asked) == 1
        await life.pass_(4 * DAY)
        assert life.facts().sms is SmsState.NOTICE
        await life.pass_(DAY + HOUR)
        assert life.facts().sms is SmsState.SUSPENDED
        assert len(checker.asked) == 1
        await end_journeys(environment.client, sqlite_database)
