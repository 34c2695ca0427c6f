"""Checks configuration, providers, database, relay, invariants and Temporal, and says what is not well."""

import asyncio
import os
import re
from collections.abc import Iterator

from temporalio.api.workflowservice.v1 import GetSystemInfoRequest
from temporalio.client import Client
from temporalio.service import RPCError

from offramp.checkup.ahead_checks import ahead_findings
from offramp.checkup.clock_checks import clock_findings
from offramp.checkup.database_checks import database_findings
from offramp.checkup.evidence_checks import evidence_findings
from offramp.checkup.findings import Diagnosis, Finding, note, unwell, well
from offramp.checkup.hand_over_checks import hand_over_findings, restore_findings
from offramp.checkup.host_checks import host_findings
from offramp.checkup.host_list_checks import host_list_findings
from offramp.checkup.provider_checks import check_providers
from offramp.checkup.proxy_checks import proxy_finding
from offramp.checkup.recovery_checks import recovery_findings
from offramp.checkup.release_checks import release_finding
from offramp.checkup.retention_checks import retention_findings
from offramp.checkup.secret_checks import secret_findings
from offramp.checkup.switch_checks import switch_finding
from offramp.checkup.text_checks import text_findings, withheld_findings
from offramp.checkup.webhook_checks import webhook_findings
from offramp.clock import clock
from offramp.config.private_files import exposed
from offramp.config.secret_files import secret_variables
from offramp.config.settings import Settings
from offramp.relay.lag import relay_problem
from offramp.relay.readiness import temporal_problem
from offramp.views.terminal import moment
from offramp.wiring import connect
from services.messages.fates import PassedOver
from store import Database, Session, invariants, revisions
from store.engine import raised_guards
from store.engine.absences import DatabaseAway
from store.journeys import journeys, retiring
from store.messages import callback_counts
from store.messages.callback_counts import CallbackCount
from store.messages.fates import Noted
from store.people import contacts, imports, sharing
from workflows import running_journeys
from workflows.hearing import Hearing

OLDEST_TEMPORAL = (1, 31)
"""The oldest server, as (major, minor), that has standalone activities. Offramp sends messages by them."""

_MOST_JOURNEYS = 5000
_MOST_LOOKED_INTO = 200
_MOST_NAMED = 20
_EXAMPLES = 3
_CONTACT = re.compile(r"\S@\S+\.\S|\+\d{7,}")

_STRANGE: dict[str, str] = {
    Noted.NO_SUCH_MESSAGE: "about messages that are not here",
    PassedOver.NOT_OURS: "about messages of somebody else",
    PassedOver.BROKEN: "that could not be noted, see the log",
}


def check(settings: Settings, database: Database) -> Iterator[Finding]:
    """Check everything. The findings come in the order in which an operator mends the problems."""
    yield from _configuration(settings)
    yield from check_providers(settings, clock)
    finding = _database(database)
    yield finding
    if finding.verdict is Diagnosis.WELL:
        yield from database_findings(settings, database, now=clock())
        yield from secret_findings(settings, database, now=clock())
        yield from _contents(settings, database)
    yield from asyncio.run(_temporal(settings, database, readable=finding.verdict is Diagnosis.WELL))


def _configuration(settings: Settings) -> Iterator[Finding]:
    problems = settings.problems()
    for problem in problems:
        yield unwell("configuration", problem)
    if not problems:
        yield well("configuration", f"{settings.mode}, {settings.origin}")
    setting_names = {f"OFFRAMP_{name.upper()}" for name in Settings.model_fields}
    setting_names |= set(secret_variables(Settings))
    for name in sorted(
        name for name in os.environ if name.startswith("OFFRAMP_") and name not in setting_names
    ):
        yield note("configuration", f"{name} is no setting; is it mistyped?")
    yield _files(settings)


def _files(settings: Settings) -> Finding:
    """Whether somebody else on the machine may read what Offramp keeps."""
    paths = exposed(settings)
    if not paths:
        return well("files", "nobody else may read what is kept on this machine")
    names = " ".join(str(path) for path in paths)
    return unwell("files", f"others on this machine may read what is kept here: run `chmod go= {names}`")


def _database(database: Database) -> Finding:
    try:
        current, needed = revisions.current(database), revisions.newest()
    except Exception as error:
        return unwell("database", f"it does not answer: {_first_line(error)}")
    if current != needed:
        return unwell(
            "database", f"it is at revision {current}, and {needed} is needed: run `offramp migrate`"
        )
    return well("database", f"it answers, at revision {current}")


def _contents(settings: Settings, database: Database) -> Iterator[Finding]:
    clock.follow(database)
    with database.reading() as session:
        yield from clock_findings(session, clock)
        problem = relay_problem(session, now=clock())
        yield unwell("relay", problem) if problem else well("relay", "no lag")
        yield from hand_over_findings(session, now=clock())
        yield from restore_findings(session)
        for breach in invariants.breaches(session, now=clock()):
            tell = unwell if breach.count else well
            yield tell(breach.invariant, f"{breach.promise}: {breach.count}")
        yield _retiring(session)
        yield _guard(session)
        yield switch_finding(session)
        yield from webhook_findings(session, now=clock())
        yield from recovery_findings(session, now=clock())
        yield _shared_contacts(session)
        yield from _spelled_apart(session)
        yield from _without_phone(session)
        yield from _callbacks(session)
        yield from text_findings(session, settings, now=clock())
        yield from withheld_findings(session, now=clock())
        yield from host_list_findings(session, now=clock())
        yield proxy_finding(session, settings, now=clock())
        yield from host_findings(session, settings)
        yield from evidence_findings(session, now=clock())
        yield from retention_findings(session, settings.retention, now=clock())
        if unknown := invariants.unknown_messages(session):
            yield note(
                "unknown_messages",
                "their senders were lost, and they will not be sent again: " + ", ".join(unknown),
            )


def _retiring(session: Session) -> Finding:
    """Where the switch stands: a stop by hand is a note, and one by Offramp itself wants somebody to look."""
    current = retiring.read(session)
    if not current.is_stopped or current.since is None:
        return well("retiring", "text-message codes are retired as policies say")
    tell = unwell if current.is_automatic else note
    detail = f"stopped for everybody since {moment(current.since)}, by {current.by}: {current.reason}"
    return tell("retiring", f"{detail}; `offramp retiring resume` lets it go on")


def _guard(session: Session) -> Finding:
    """Whether the guard is up: a note, because somebody has raised it and it ends by itself."""
    current = raised_guards.find_up(session, now=clock())
    if current is None:
        return well("guard", "it is down, and accounts change as policies say")
    said = f"since {moment(current.since)}, by {current.by}: {current.reason}"
    return note("guard", f"up until {moment(current.until)}, {said}; `offramp guard down` lowers it")


def _shared_contacts(session: Session) -> Finding:
    sharers = contacts.count_shared(session)
    if sharers == 0:
        return well("shared_contacts", "every number and address is one account's alone")
    examples = ", ".join(sharing.some_sharers(session, at_most=_EXAMPLES))
    return note(
        "shared_contacts",
        f"{sharers} accounts have a number or an address that another account has, too: it leads to none of them, "
        f"and no code goes there until the host says whose it is; among them {examples}",
    )


def _spelled_apart(session: Session) -> Iterator[Finding]:
    """Name the accounts of which nobody sees at once that they share an address."""
    if account_ids := sharing.spelled_apart(session):
        named = ", ".join(account_ids[:_MOST_NAMED])
        more = f" and {len(account_ids) - _MOST_NAMED} more" if len(account_ids) > _MOST_NAMED else ""
        yield note(
            "spelled_apart",
            f"{len(account_ids)} accounts have an address that another account has in another spelling: {named}{more}",
        )


def _without_phone(session: Session) -> Iterator[Finding]:
    if without := imports.count_without_phone(session):
        yield note(
            "no_phone",
            f"{without} accounts came without a phone number that can be used: no code reaches them, and no journey "
            "starts before an import brings one",
        )


def _callbacks(session: Session) -> Iterator[Finding]:
    """One finding for each provider that has sent callbacks.

    Callbacks about unknown messages are a note only: a second Offramp may use the same provider.
    """
    by_provider: dict[str, list[CallbackCount]] = {}
    for count in callback_counts.counts(session):
        by_provider.setdefault(count.provider, []).append(count)
    for provider, counts in by_provider.items():
        strange = ", ".join(
            f"{count.times} {_STRANGE[count.outcome]}" for count in counts if count.outcome in _STRANGE
        )
        detail = f"{provider} last told something at {moment(max(count.last_at for count in counts))}"
        yield Finding(
            name="callbacks",
            verdict=Diagnosis.NOTE if strange else Diagnosis.WELL,
            detail=f"{detail}; since the beginning {strange}" if strange else detail,
        )


async def _temporal(settings: Settings, database: Database, *, readable: bool) -> list[Finding]:
    if problem := await temporal_problem(lambda: connect(settings)):
        return [unwell("temporal", problem)]
    try:
        client = await connect(settings)
        asking = client.workflow_service.get_system_info(GetSystemInfoRequest())
        system = await asyncio.wait_for(asking, timeout=5)
        findings = [
            _version(system.server_version),
            await release_finding(client),
            await _personal_data(client),
        ]
        if not readable:
            return findings
        return [
            *findings,
            *await _journeys(client, database),
            *await ahead_findings(Hearing(client, database), database),
        ]
    except (RPCError, RuntimeError, TimeoutError, ValueError) as error:
        return [unwell("temporal", f"it does not answer: {_first_line(error)}")]


def _version(text: str) -> Finding:
    numbers = re.match(r"(\d+)\.(\d+)", text)
    if numbers is None:
        return note("temporal", f"it answers, with version {text or 'unknown'}")
    if (int(numbers[1]), int(numbers[2])) < OLDEST_TEMPORAL:
        return unwell("temporal", f"server {text} is too old: 1.31 or later is needed")
    return well("temporal", f"it answers, server {text}")


async def _personal_data(client: Client) -> Finding:
    """Whether what Temporal shows of its newest workflows holds a phone number or an e-mail address."""
    looked_at, revealing = 0, 0
    async for listed in client.list_workflows(limit=_MOST_LOOKED_INTO):
        attributes = [str(value) for pair in listed.typed_search_attributes for value in [pair.value]]
        looked_at += 1
        revealing += any(map(_CONTACT.search, [listed.id, str(await listed.memo()), *attributes]))
    if revealing:
        return unwell("temporal", f"{revealing} of {looked_at} workflows show a phone number or an address")
    return well("temporal", f"none of the {looked_at} workflows looked at shows a phone number or an address")


async def _journeys(client: Client, database: Database) -> list[Finding]:
    """Whether the journeys that ought to run do run in Temporal.

    A journey that the relay is about to start counts as missing.
    """
    looked_at, missing_count, after = 0, 0, ""
    while looked_at < _MOST_JOURNEYS and (account_ids := _running(database, after)):
        missing_count += len(await running_journeys.missing(client, account_ids))
        looked_at, after = looked_at + len(account_ids), account_ids[-1]
    if missing_count:
        return [
            unwell(
                "journeys", f"{missing_count} of {looked_at} do not run in Temporal: run `offramp reconcile`"
            )
        ]
    return [well("journeys", f"all {looked_at} that were looked at run in Temporal")]


def _running(database: Database, after: str) -> list[str]:
    with database.reading() as session:
        return list(journeys.running(session, after=after))


def _first_line(error: Exception) -> str:
    if isinstance(error, DatabaseAway) and error.reason:
        return error.reason
    return (str(error).splitlines() or [""])[0] or type(error).__name__
