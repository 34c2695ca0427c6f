"""Looks at a whole Offramp and says what is not well: configuration, database, Temporal, relay, invariants."""

import asyncio
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from temporalio.api.workflowservice.v1 import GetSystemInfoRequest
from temporalio.client import Client
from temporalio.service import RPCError

from offramp.readiness import read_lag, temporal_problem
from offramp.settings import Settings
from offramp.wiring import clock, connect
from store import Database, invariants, journeys, schema
from workflows import launching

OLDEST_TEMPORAL = (1, 31)
"""Standalone activities, by which messages travel, need this server."""

_MOST_JOURNEYS = 5000


class Verdict(StrEnum):
    """What a check found; a note is worth knowing and nothing to mend."""

    WELL = "well"
    NOTE = "note"
    UNWELL = "unwell"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """The answer of one check."""

    name: str
    verdict: Verdict
    detail: str


def check(settings: Settings, database: Database) -> Iterator[Finding]:
    """Check everything, in the order in which to mend it."""
    yield from _configuration(settings)
    finding = _database(database)
    yield finding
    if finding.verdict is Verdict.WELL:
        yield from _contents(database)
    yield from asyncio.run(_temporal(settings, database, readable=finding.verdict is Verdict.WELL))


def _configuration(settings: Settings) -> Iterator[Finding]:
    problems = settings.problems()
    for problem in problems:
        yield _unwell("configuration", problem)
    if not problems:
        yield _well("configuration", f"{settings.mode}, {settings.origin}")
    known = {f"OFFRAMP_{name.upper()}" for name in Settings.model_fields}
    for name in sorted(name for name in os.environ if name.startswith("OFFRAMP_") and name not in known):
        yield Finding(
            name="configuration", verdict=Verdict.NOTE, detail=f"{name} is no setting; is it mistyped?"
        )


def _database(database: Database) -> Finding:
    try:
        current, needed = schema.revision(database), schema.newest_revision()
    except Exception as error:
        return _unwell("database", f"it does not answer: {_first_line(error)}")
    if current != needed:
        return _unwell(
            "database", f"it is at revision {current}, and {needed} is needed: run `offramp migrate`"
        )
    return _well("database", f"it answers, at revision {current}")


def _contents(database: Database) -> Iterator[Finding]:
    with database.reading() as session:
        problem = read_lag(session).problem(clock())
        yield (
            _unwell("relay", f"{problem}; is `offramp worker` running?")
            if problem
            else _well("relay", "no lag")
        )
        for breach in invariants.breaches(session, now=clock()):
            tell = _unwell if breach.count else _well
            yield tell(breach.invariant, f"{breach.promise}: {breach.count}")
        if unknown := invariants.unknown_messages(session):
            yield Finding(
                name="unknown_messages",
                verdict=Verdict.NOTE,
                detail="their senders were lost, and they will not be sent again: " + ", ".join(unknown),
            )


async def _temporal(settings: Settings, database: Database, *, readable: bool) -> list[Finding]:
    if problem := await temporal_problem(lambda: connect(settings)):
        return [_unwell("temporal", problem)]
    try:
        client = await connect(settings)
        asking = client.workflow_service.get_system_info(GetSystemInfoRequest())
        system = await asyncio.wait_for(asking, timeout=5)
        findings = [_version(system.server_version)]
        return [*findings, *(await _journeys(client, database) if readable else [])]
    except (RPCError, RuntimeError, TimeoutError, ValueError) as error:
        return [_unwell("temporal", f"it does not answer: {_first_line(error)}")]


def _version(text: str) -> Finding:
    found = re.match(r"(\d+)\.(\d+)", text)
    if found is None:
        return Finding(
            name="temporal", verdict=Verdict.NOTE, detail=f"it answers, with version {text or 'unknown'}"
        )
    if (int(found[1]), int(found[2])) < OLDEST_TEMPORAL:
        return _unwell("temporal", f"server {text} is too old: 1.31 or later is needed")
    return _well("temporal", f"it answers, server {text}")


async def _journeys(client: Client, database: Database) -> list[Finding]:
    """Journeys that ought to run and do not; those that the relay has just been told of are among them."""
    looked, missing, after = 0, 0, ""
    while looked < _MOST_JOURNEYS and (account_ids := _running(database, after)):
        missing += len(await launching.missing(client, account_ids))
        looked, after = looked + len(account_ids), account_ids[-1]
    if missing:
        return [_unwell("journeys", f"{missing} of {looked} do not run in Temporal: run `offramp reconcile`")]
    return [_well("journeys", f"all {looked} that were looked at run in Temporal")]


def _running(database: Database, after: str) -> list[str]:
    with database.reading() as session:
        return list(journeys.running(session, after=after))


def _well(name: str, detail: str) -> Finding:
    return Finding(name=name, verdict=Verdict.WELL, detail=detail)


def _unwell(name: str, detail: str) -> Finding:
    return Finding(name=name, verdict=Verdict.UNWELL, detail=detail)


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [""])[0] or type(error).__name__
