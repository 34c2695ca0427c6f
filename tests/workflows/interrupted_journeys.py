"""Journeys that support, operators, the host, an objection or the night interrupt; their histories are recorded."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from temporalio.testing import WorkflowEnvironment

from domain.facts import SmsState
from domain.journal import EventKind
from domain.safety.sim import SimReport
from domain.switches import Switch
from store import Database
from tests import factories
from tests.fakes import FakeSimChecker
from tests.switches import resume, stop
from tests.workflows.lives import Life
from tests.workflows.test_migration import CALM, DAY, HOUR, MOMENT

CHECKERS = {
    "sim-looked-up": FakeSimChecker(report=SimReport(changed_at=datetime(2020, 1, 1, tzinfo=UTC))),
    "sim-swapped": FakeSimChecker(),
}
"""Who is asked about the SIM, in the scenarios that ask."""


async def kept_out_of_the_night(environment: WorkflowEnvironment, database: Database) -> Life:
    """The invitation waits for the morning, a later reminder for another one, each at the account's own minute."""
    nightfall = datetime.now(UTC).replace(second=0, microsecond=0) - HOUR
    dawn = nightfall + 3 * HOUR
    policy = replace(CALM, quiet_from=nightfall.time(), quiet_until=dawn.time(), jitter=timedelta(minutes=30))
    life = await Life.begin(environment, database, policy)
    for _ in range(4):
        await life.pass_(DAY)
    return life


async def spread_by_jitter(environment: WorkflowEnvironment, database: Database) -> Life:
    """Every reminder comes at the account's own share of four hours."""
    life = await Life.begin(environment, database, replace(CALM, jitter=4 * HOUR))
    await life.pass_(15 * DAY)
    await life.verify_email()
    await life.pass_(8 * DAY)
    return life


async def reminded_at_each_milestone(environment: WorkflowEnvironment, database: Database) -> Life:
    """The person takes each step after a reminder, and sees each prompt before."""
    life = await Life.begin(environment, database, CALM)
    await life.pass_(MOMENT)
    await life.verify_email()
    await life.pass_(4 * DAY)
    await life.note(EventKind.PROMPT_SEEN, exposed_at=life.now)
    passkey_id = await life.bind_passkey()
    await life.pass_(4 * DAY)
    await life.sign_in_with(passkey_id)
    await life.pass_(4 * DAY)
    await life.keep_recovery_codes()
    await life.pass_(CALM.notice + MOMENT)
    return life


async def put_off_by_the_person(environment: WorkflowEnvironment, database: Database) -> Life:
    """The person says later, and the next reminder waits for it."""
    life = await Life.begin(environment, database, CALM)
    await life.pass_(MOMENT)
    await life.note(EventKind.PROMPT_SKIPPED, snoozed_until=life.now + 5 * DAY)
    await life.pass_(6 * DAY)
    return life


async def capped(environment: WorkflowEnvironment, database: Database) -> Life:
    """The contact has had as many reminders as the policy allows in a fortnight."""
    life = await Life.begin(environment, database, replace(CALM, cap=1, cap_window=14 * DAY))
    await life.pass_(MOMENT)
    life.send_everything()
    await life.pass_(16 * DAY)
    return life


async def missed_everything(environment: WorkflowEnvironment, database: Database) -> Life:
    """Every notice bounces; it is given anew when the host tells another address."""
    life = await Life.begin(environment, database, CALM)
    await life.get_ready()
    await life.pass_(MOMENT)
    await life.bounce_everything()
    await life.pass_(CALM.notice)
    await life.change_email("reachable@example.org")
    await life.pass_(CALM.notice + MOMENT)
    return life


async def reached_by_another_channel(environment: WorkflowEnvironment, database: Database) -> Life:
    """A reminder bounces, and the other channel makes up for it; somebody without an address is texted."""
    life = await Life.begin(environment, database, CALM)
    await life.pass_(MOMENT)
    life.send_everything()
    await life.bounce_everything()
    await life.pass_(8 * DAY)
    return life


async def unreachable(environment: WorkflowEnvironment, database: Database) -> Life:
    """One reminder after the other bounces, until no channel is left."""
    life = await Life.begin(environment, database, CALM)
    for _ in range(2):
        await life.pass_(DAY)
        life.send_everything()
        await life.bounce_everything()
    await life.pass_(CALM.patience + MOMENT)
    return life


async def rested_by_support(environment: WorkflowEnvironment, database: Database) -> Life:
    """Support pauses the journey between reminders and under notice, and resumes it early the second time."""
    life = await Life.begin(environment, database, CALM)
    await life.pass_(MOMENT)
    await life.note(EventKind.PAUSED, rests_until=life.now + 10 * DAY)
    await life.pass_(11 * DAY)
    await life.get_ready()
    await life.pass_(DAY)
    await life.note(EventKind.PAUSED, rests_until=life.now + 20 * DAY)
    await life.pass_(9 * DAY)
    await life.note(EventKind.RESUMED, rests_until=None)
    await life.pass_(MOMENT)
    return life


async def extended_by_support(environment: WorkflowEnvironment, database: Database) -> Life:
    """Support gives more time under notice, and in probation, where it is ended early."""
    life = await Life.begin(environment, database, CALM)
    await life.get_ready()
    await life.pass_(DAY)
    await life.note(EventKind.EXTENDED, extended_until=life.now + 12 * DAY)
    await life.pass_(13 * DAY)
    await life.note(EventKind.EXTENDED, extended_until=life.now + 60 * DAY)
    await life.pass_(40 * DAY)
    await life.note(EventKind.EXTENSION_ENDED, extended_until=None)
    await life.handle.result()
    return life


async def extended_until_stuck_again(environment: WorkflowEnvironment, database: Database) -> Life:
    """Somebody stuck is given more time, and is stuck again."""
    life = await Life.begin(environment, database, replace(CALM, patience=30 * DAY))
    await life.pass_(31 * DAY)
    await life.note(
        EventKind.EXTENDED, extended_until=life.now + 9 * DAY, stuck_since=None, stuck_reason=None
    )
    await life.pass_(10 * DAY)
    return life


async def held_with_its_cohort(environment: WorkflowEnvironment, database: Database) -> Life:
    """The cohort is paused between reminders and under notice."""
    life = await Life.begin(environment, database, CALM)
    await life.note(EventKind.HELD, held_since=life.now)
    await life.pass_(5 * DAY)
    await life.note(EventKind.RELEASED, held_since=None)
    await life.get_ready()
    await life.pass_(MOMENT)
    await life.note(EventKind.HELD, held_since=life.now)
    await life.pass_(CALM.notice + DAY)
    await life.note(EventKind.RELEASED, held_since=None)
    await life.pass_(MOMENT)
    return life


async def refused_while_retiring_is_stopped(environment: WorkflowEnvironment, database: Database) -> Life:
    """Retiring is stopped for everybody when codes are due to be suspended, and goes on later."""
    life = await Life.begin(environment, database, CALM)
    await life.get_ready()
    await life.pass_(DAY)
    stop(database, Switch.RETIRING)
    await life.pass_(CALM.notice)
    resume(database, Switch.RETIRING)
    await life.note(EventKind.RELEASED, held_since=None)
    await life.pass_(2 * HOUR)
    return life


async def disputed_under_notice(environment: WorkflowEnvironment, database: Database) -> Life:
    """The owner objects under notice, which is withdrawn; when the dispute ends, the journey begins to retire anew."""
    life = await Life.begin(environment, database, CALM)
    await life.get_ready()
    await life.pass_(DAY)
    await life.note(EventKind.OBJECTED, disputed_since=life.now)
    await life.pass_(20 * DAY)
    await life.note(EventKind.OBJECTION_SETTLED, disputed_since=None, cools_off_until=life.now + 3 * DAY)
    await life.pass_(40 * DAY)
    return life


async def disputed_in_probation(environment: WorkflowEnvironment, database: Database) -> Life:
    """The owner objects in probation, and codes come back at once."""
    life = await Life.begin(environment, database, CALM)
    await life.get_ready()
    await life.pass_(CALM.notice + MOMENT)
    await life.note(EventKind.OBJECTED, disputed_since=life.now)
    await life.pass_(MOMENT)
    return life


async def proof_broke_under_notice(environment: WorkflowEnvironment, database: Database) -> Life:
    """The only passkey is removed under notice, and made anew."""
    life = await Life.begin(environment, database, CALM)
    passkey_id = await life.get_ready()
    await life.pass_(DAY)
    await life.remove_passkey(passkey_id)
    await life.pass_(4 * DAY)
    await life.sign_in_with(await life.bind_passkey())
    await life.pass_(CALM.notice + MOMENT)
    return life


async def rescued(environment: WorkflowEnvironment, database: Database) -> Life:
    """Support has let the person in, and what they have set up cools off from then on."""
    life = await Life.begin(environment, database, replace(CALM, cooling_off=5 * DAY))
    await life.note(EventKind.RESCUED, rescued_at=life.now)
    await life.get_ready()
    await life.pass_(4 * DAY)
    await life.pass_(DAY + MOMENT)
    return life


async def sim_looked_up(environment: WorkflowEnvironment, database: Database) -> Life:
    """The carrier says that the SIM is an old one, before codes are retired on evidence by text message."""
    return await _rooted_in_a_text(environment, database)


async def sim_swapped(environment: WorkflowEnvironment, database: Database) -> Life:
    """The carrier says nothing, and the policy waits for the whole SIM-swap window."""
    return await _rooted_in_a_text(environment, database)


async def deactivated_for_a_while(environment: WorkflowEnvironment, database: Database) -> Life:
    """The host says that the account is not active, under notice, and active again."""
    life = await Life.begin(environment, database, CALM)
    await life.get_ready()
    await life.pass_(DAY)
    await life.note(EventKind.ACCOUNT_DEACTIVATED, deactivated_at=life.now)
    await life.pass_(30 * DAY)
    await life.note(EventKind.ACCOUNT_REACTIVATED, deactivated_at=None)
    await life.pass_(MOMENT)
    return life


async def given_other_reminders(environment: WorkflowEnvironment, database: Database) -> Life:
    """The policy is edited between two reminders: the next one comes earlier, and there are fewer."""
    life = await Life.begin(environment, database, CALM)
    await life.pass_(DAY)
    step = replace(CALM.cadence[0], after=2 * DAY)
    await life.follow(replace(CALM, cadence=(step,), patience=10 * DAY))
    await life.pass_(2 * DAY)
    await life.pass_(9 * DAY)
    return life


async def continued_as_new(environment: WorkflowEnvironment, database: Database) -> Life:
    """Facts flood in, and the journey continues as new twice: while it asks, and under notice."""
    life = await Life.begin(environment, database, replace(CALM, proving_days=1))
    passkey_id = await life.bind_passkey()
    await life.sign_in_many_times(passkey_id)
    await life.verify_email()
    await life.keep_recovery_codes()
    await life.pass_(DAY)
    assert life.facts().sms is SmsState.NOTICE
    await life.sign_in_many_times(passkey_id)
    await life.pass_(CALM.notice)
    assert life.facts().sms is SmsState.SUSPENDED
    return life


async def _rooted_in_a_text(environment: WorkflowEnvironment, database: Database) -> Life:
    policy = replace(CALM, notice=DAY, cooling_off=3 * DAY, sim_swap_window=7 * DAY)
    life = await Life.begin(environment, database, policy)
    await life.verify_email()
    await life.sign_in_with(await life.bind_passkey(**factories.by_sms(life.now)))
    await life.keep_recovery_codes()
    await life.pass_(3 * DAY + HOUR)
    await life.pass_(5 * DAY)
    return life


INTERRUPTED = {
    "capped": capped,
    "continued-as-new": continued_as_new,
    "deactivated-for-a-while": deactivated_for_a_while,
    "disputed-in-probation": disputed_in_probation,
    "disputed-under-notice": disputed_under_notice,
    "extended-by-support": extended_by_support,
    "extended-until-stuck-again": extended_until_stuck_again,
    "given-other-reminders": given_other_reminders,
    "held-with-its-cohort": held_with_its_cohort,
    "kept-out-of-the-night": kept_out_of_the_night,
    "missed-everything": missed_everything,
    "proof-broke-under-notice": proof_broke_under_notice,
    "put-off-by-the-person": put_off_by_the_person,
    "reached-by-another-channel": reached_by_another_channel,
    "refused-while-retiring-is-stopped": refused_while_retiring_is_stopped,
    "reminded-at-each-milestone": reminded_at_each_milestone,
    "rescued": rescued,
    "rested-by-support": rested_by_support,
    "sim-looked-up": sim_looked_up,
    "sim-swapped": sim_swapped,
    "spread-by-jitter": spread_by_jitter,
    "unreachable": unreachable,
}
"""By their names in `tests/histories`."""

CONTINUED = {"continued-as-new"}
"""The scenarios in which a journey's history grows long."""
