"""Says whether journeys know more than the database: then it was restored from a backup, and nobody has said so."""

import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from secrets import randbelow
from typing import Protocol

from offramp.checkup.findings import Finding, note, unwell, well
from store import Database
from store.engine import epochs
from store.journeys import journeys

ASKED_FOR = timedelta(seconds=10)
"""How long journeys are asked. A worker that has not had one at hand reads its whole history to answer."""

BATCH = 100
ASKED_FIRST = 200
"""How many of those are asked first whose accounts changed last by the database."""


class AskedJourneys(Protocol):
    """Journeys that can be asked what they know."""

    @property
    def is_silent(self) -> bool:
        """Whether no worker answers for them."""

    async def ahead(self, account_ids: Sequence[str]) -> list[str]:
        """The accounts among these whose journeys know more than the database."""


async def ahead_findings(
    hearing: AskedJourneys, database: Database, *, within: timedelta = ASKED_FOR
) -> list[Finding]:
    """A finding on whether any journey is ahead, with how many were asked; none while a restored backup is told of.

    Who is ahead changed after the backup, of which the restored database knows nothing: so all are asked in the end,
    and what the time allows of them begins at another place each time.
    """
    with database.reading() as session:
        if epochs.untold(session):
            return []
        running_count = journeys.count_running(session)
    asked_ids, ends_at = set[str](), time.monotonic() + within.total_seconds()
    for account_ids in _in_turn(database, running_count):
        new_ids = [account_id for account_id in account_ids if account_id not in asked_ids]
        ahead = await hearing.ahead(new_ids)
        asked_ids.update(new_ids)
        if hearing.is_silent:
            return [note("journeys", "no worker answers for them, so nobody knows whether one is ahead")]
        if ahead:
            return [_restored(ahead_count=len(ahead), asked_count=len(asked_ids))]
        if time.monotonic() >= ends_at:
            break
    return [_well(asked_count=len(asked_ids), running_count=running_count)]


def _in_turn(database: Database, running_count: int) -> Iterator[Sequence[str]]:
    """The accounts whose journeys ought to run: those that changed last, then all, from some place around to it."""
    with database.reading() as session:
        changed_last = journeys.changed_last(session, limit=ASKED_FIRST)
        place = journeys.running_at(session, randbelow(max(running_count, 1)))
    yield from (changed_last[start : start + BATCH] for start in range(0, len(changed_last), BATCH))
    yield from _behind(database, place)
    for account_ids in _behind(database, ""):
        yield account_ids
        if account_ids[-1] >= place:
            return


def _behind(database: Database, place: str) -> Iterator[Sequence[str]]:
    while account_ids := _batch(database, place):
        yield account_ids
        place = account_ids[-1]


def _batch(database: Database, place: str) -> Sequence[str]:
    with database.reading() as session:
        return journeys.running(session, after=place, batch=BATCH)


def _restored(*, ahead_count: int, asked_count: int) -> Finding:
    return unwell(
        "journeys",
        f"{ahead_count} of the {asked_count} that were asked know more than the database: if it was restored from a "
        "backup, stop everything and run `offramp restored`",
    )


def _well(*, asked_count: int, running_count: int) -> Finding:
    if asked_count >= running_count:
        return well("journeys", f"none of all {asked_count} knows more than the database")
    return well(
        "journeys",
        f"none of the {asked_count} that were asked in time, of {running_count}, knows more than the database; "
        "`offramp reconcile` asks all of them",
    )
