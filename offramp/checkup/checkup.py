"""Looks at a whole Offramp and says what is not well: configuration, providers, database, Temporal, invariants."""

import asyncio
import os
import re
from collections.abc import Iterator

from temporalio.api.workflowservice.v1 import GetSystemInfoRequest
from temporalio.client import Client
from temporalio.service import RPCError

from offramp.checkup.findings import Diagnosis, Finding, note, unwell, well
from offramp.checkup.provider_checks import check_providers
from offramp.clock import clock
from offramp.config.settings import Settings
from offramp.relay.lag import relay_problem
from offramp.relay.readiness import temporal_problem
from offramp.views.terminal import moment
from offramp.wiring import connect
from services.messages.fates import PassedOver
from store import Database, Session, invariants, revisions
from store.journeys import journeys
from store.messages import callback_counts
from store.messages.callback_counts import CallbackCount
from store.messages.fates import Noted
from workflows import running_journeys

OLDEST_TEMPORAL = (1, 31)
"""Standalone activities, by which messages travel, need this server."""

_MOST_JOURNEYS = 5000

_STRANGE: dict[str, str] = {
    Noted.NO_SUCH_MESSAGE: "about messages that are not here",
    PassedOver.NOT_OURS: "about messages of somebody else",
    PassedOver.BROKEN: "that could not be noted, see the log",
}


def check(settings: Settings, database: Database) -> Iterator[Finding]:
    """Check everything, in the order in which to mend it."""
    yield from _configuration(settings)
    yield from check_providers(settings, clock)
    finding = _database(database)
    yield finding
    if finding.verdict is Diagnosis.WELL:
        yield from _contents(database)
    yield from asyncio.run(_temporal(settings, database, readable=finding.verdict is Diagnosis.WELL))


def _configuration(settings: Settings) -> Iterator[Finding]:
    problems = settings.problems()
    for problem in problems:
        yield unwell("configuration", problem)
    if not problems:
        yield well("configuration", f"{settings.mode}, {settings.origin}")
    known = {f"OFFRAMP_{name.upper()}" for name in Settings.model_fields}
    for name in sorted(name for name in os.environ if name.startswith("OFFRAMP_") and name not in known):
        yield note("configuration", f"{name} is no setting; is it mistyped?")


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


def _contents(database: Database) -> Iterator[Finding]:
    with database.reading() as session:
        problem = relay_problem(session, now=clock())
        yield unwell("relay", problem) if problem else well("relay", "no lag")
        for breach in invariants.breaches(session, now=clock()):
            tell = unwell if breach.count else well
            yield tell(breach.invariant, f"{breach.promise}: {breach.count}")
        yield from _callbacks(session)
        if unknown := invariants.unknown_messages(session):
            yield note(
                "unknown_messages",
                "their senders were lost, and they will not be sent again: " + ", ".join(unknown),
            )


def _callbacks(session: Session) -> Iterator[Finding]:
    """What providers have told, by provider; that they name messages nobody knows may be a second Offramp's doing."""
    told: dict[str, list[CallbackCount]] = {}
    for count in callback_counts.counts(session):
        told.setdefault(count.provider, []).append(count)
    for provider, counts in told.items():
        strange = ", ".join(
            f"{one.times} {_STRANGE[one.outcome]}" for one in counts if one.outcome in _STRANGE
        )
        detail = f"{provider} last told something at {moment(max(one.last_at for one in counts))}"
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
        findings = [_version(system.server_version)]
        return [*findings, *(await _journeys(client, database) if readable else [])]
    except (RPCError, RuntimeError, TimeoutError, ValueError) as error:
        return [unwell("temporal", f"it does not answer: {_first_line(error)}")]


def _version(text: str) -> Finding:
    found = re.match(r"(\d+)\.(\d+)", text)
    if found is None:
        return note("temporal", f"it answers, with version {text or 'unknown'}")
    if (int(found[1]), int(found[2])) < OLDEST_TEMPORAL:
        return unwell("temporal", f"server {text} is too old: 1.31 or later is needed")
    return well("temporal", f"it answers, server {text}")


async def _journeys(client: Client, database: Database) -> list[Finding]:
    """Journeys that ought to run and do not; those that the relay has just been told of are among them."""
    looked, missing, after = 0, 0, ""
    while looked < _MOST_JOURNEYS and (account_ids := _running(database, after)):
        missing += len(await running_journeys.missing(client, account_ids))
        looked, after = looked + len(account_ids), account_ids[-1]
    if missing:
        return [unwell("journeys", f"{missing} of {looked} do not run in Temporal: run `offramp reconcile`")]
    return [well("journeys", f"all {looked} that were looked at run in Temporal")]


def _running(database: Database, after: str) -> list[str]:
    with database.reading() as session:
        return list(journeys.running(session, after=after))


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [""])[0] or type(error).__name__
