"""Journeys whose histories are recorded: each branch of the plan, and what interrupts it."""

import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from temporalio.testing import WorkflowEnvironment

from domain.host.events import HostEventKind
from domain.policy import InsteadOfPasskey
from domain.safety.end_dates import EndDate
from services.messages import restores
from store import Database
from tests import backups
from tests.workflows.lives import Life
from tests.workflows.test_history import happy_life
from tests.workflows.test_migration import CALM, DAY, MOMENT

Scenario = Callable[[WorkflowEnvironment, Database], Awaitable[Life]]

ASKING = replace(CALM, host_confirms=True)
"""A policy whose host has the last word."""


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


async def told_dates(environment: WorkflowEnvironment, database: Database) -> Life:
    """The policy is edited under notice, to less and then to more, and in probation to less."""
    life = await Life.begin(environment, database, replace(CALM, notice=5 * DAY, probation=9 * DAY))
    await life.get_ready()
    await life.pass_(DAY)
    await life.follow(replace(CALM, notice=DAY, probation=9 * DAY))
    await life.pass_(3 * DAY)
    await life.follow(replace(CALM, notice=7 * DAY, probation=9 * DAY))
    await life.pass_(4 * DAY)
    await life.follow(replace(CALM, notice=7 * DAY, probation=DAY))
    await life.pass_(9 * DAY)
    return life


async def told_an_end_date(environment: WorkflowEnvironment, database: Database) -> Life:
    """An end date is named under way, moves nearer, is reminded of, and is lifted on its last day."""
    life = await Life.begin(environment, database, CALM)
    await life.pass_(DAY)
    end = EndDate(at=(life.now + 40 * DAY).replace(microsecond=0))
    await life.follow(replace(CALM, end=end))
    await life.pass_(2 * DAY)
    await life.follow(replace(CALM, end=EndDate(at=end.at - 10 * DAY)))
    await life.pass_(end.at - 11 * DAY - life.now)
    await life.follow(CALM)
    await life.pass_(DAY)
    return life


async def ended_by_an_app(environment: WorkflowEnvironment, database: Database) -> Life:
    """Nobody's device can make a passkey, and an authenticator app is in its place, to the end."""
    by_app = replace(CALM, instead_of_passkey=InsteadOfPasskey.AUTHENTICATOR_APP, proving_days=2)
    life = await Life.begin(environment, database, by_app)
    await life.verify_email()
    await life.pass_(by_app.cadence[0].after + MOMENT)
    await life.say_that_no_device_can_do_it()
    app_id = await life.set_up_an_app()
    await life.keep_recovery_codes()
    await life.pass_(DAY)
    await life.use_the_app(app_id)
    await life.pass_(by_app.notice + MOMENT)
    await life.pass_(by_app.probation + MOMENT)
    await life.handle.result()
    return life


async def deleted(environment: WorkflowEnvironment, database: Database) -> Life:
    """The host deletes the account in probation."""
    life = await Life.begin(environment, database, CALM)
    await life.get_ready()
    await life.pass_(CALM.notice + MOMENT)
    await life.delete()
    await life.handle.result()
    return life


async def asked_and_confirmed(environment: WorkflowEnvironment, database: Database) -> Life:
    """The host answers each request, the second one late."""
    life = await Life.begin(environment, database, ASKING)
    await life.get_ready()
    await life.pass_(ASKING.notice + MOMENT)
    await life.host_says(HostEventKind.SMS_SUSPENDED)
    await life.pass_(ASKING.probation + timedelta(hours=3))
    await life.host_says(HostEventKind.SMS_REMOVED)
    await life.handle.result()
    return life


async def refused_by_the_host(environment: WorkflowEnvironment, database: Database) -> Life:
    """The host does not want to suspend codes, and is asked again when the person has made another passkey."""
    life = await Life.begin(environment, database, ASKING)
    await life.get_ready()
    await life.pass_(ASKING.notice + MOMENT)
    await life.host_says(HostEventKind.SMS_REFUSED, "no_other_method")
    await life.pass_(ASKING.rest_after_restore)
    await life.sign_in_with(await life.bind_passkey())
    await life.pass_(ASKING.notice + timedelta(minutes=30))
    return life


async def host_keeps_silent(environment: WorkflowEnvironment, database: Database) -> Life:
    """The host is asked until that is of no use, and answers in the end."""
    life = await Life.begin(environment, database, ASKING)
    await life.get_ready()
    await life.pass_(ASKING.notice + 5 * DAY)
    await life.host_says(HostEventKind.SMS_SUSPENDED)
    await life.pass_(MOMENT)
    return life


async def restored_at_the_host(environment: WorkflowEnvironment, database: Database) -> Life:
    """The person takes codes back, and the host is asked until it has restored them too."""
    life = await Life.begin(environment, database, ASKING)
    await life.get_ready()
    await life.pass_(ASKING.notice + MOMENT)
    await life.host_says(HostEventKind.SMS_SUSPENDED)
    await life.pass_(MOMENT)
    await life.restore_sms()
    await life.pass_(timedelta(hours=3))
    await life.host_says(HostEventKind.SMS_RESTORED)
    await life.pass_(MOMENT)
    return life


async def ahead_of_a_backup(environment: WorkflowEnvironment, database: Database) -> Life:
    """A backup is put back under notice, and the journey goes on from there, by facts of another epoch."""
    life = await Life.begin(environment, database, CALM)
    await life.verify_email()
    await life.settled()
    with tempfile.TemporaryDirectory() as directory:
        backup = backups.take(database, Path(directory))
        await life.get_ready()
        await life.pass_(MOMENT)
        backups.put_back(database, backup)
    with database.transaction() as session:
        restores.begin(session, by="tests", now=life.now)
    await life.pass_(CALM.notice)  # by what it remembers, it suspends codes now
    await life.sign_in_with(await life.bind_passkey())
    await life.keep_recovery_codes()
    await life.pass_(CALM.notice + MOMENT)
    return life


STEADY: dict[str, Scenario] = {
    "happy": happy_life,
    "reminded-until-stuck": reminded_until_stuck,
    "restored-in-probation": restored_in_probation,
    "rooted-in-sms": rooted_in_sms,
    "trust-first": rooted_in_sms,
    "told-dates": told_dates,
    "told-an-end-date": told_an_end_date,
    "ended-by-an-app": ended_by_an_app,
    "deleted": deleted,
    "asked-and-confirmed": asked_and_confirmed,
    "refused-by-the-host": refused_by_the_host,
    "host-keeps-silent": host_keeps_silent,
    "restored-at-the-host": restored_at_the_host,
    "ahead-of-a-backup": ahead_of_a_backup,
}
"""By their names in `tests/histories`."""
