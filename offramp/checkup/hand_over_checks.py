"""Says whether messages move in their lanes, and whether all of Temporal has heard of a restored backup."""

from collections.abc import Iterator
from datetime import datetime

from temporalio.client import Client

from domain.messages.messages import Queue
from offramp.checkup.findings import Finding, note, unwell, well
from offramp.views.terminal import moment
from store import Database, Session
from store.engine import epochs
from store.journeys import journeys
from store.messages import lanes
from store.messages.lanes import Lane
from workflows.hearing import Hearing

MOST_ASKED = 200
"""How many journeys are asked what they know; they are those whose accounts changed last."""

_NAMES = {
    Queue.NOW: "codes and notices",
    Queue.BULK_EMAIL: "reminders by e-mail",
    Queue.BULK_SMS: "reminders by text message",
}


def hand_over_findings(session: Session, *, now: datetime) -> Iterator[Finding]:
    """A finding for each lane that does not move or whose messages Temporal keeps, or one that all is well."""
    troubles = [trouble for lane in lanes.look(session, now=now) for trouble in _troubles(lane, now)]
    yield from (unwell("lanes", trouble) for trouble in troubles)
    if not troubles:
        yield well("lanes", "messages move in every lane")


def restore_findings(session: Session) -> Iterator[Finding]:
    """A finding while not everybody has been told of a restored backup; none if there never was one."""
    if epoch := epochs.untold(session):
        since = f"since {moment(epoch.began_at)} the database goes on from a backup"
        yield note("restored", f"{since}, and not every journey has heard of it: a worker tells them")


async def ahead_findings(client: Client, database: Database) -> list[Finding]:
    """Whether journeys know more than the database: it was restored then, and nobody has said so."""
    with database.reading() as session:
        if epochs.untold(session):
            return []
        account_ids = journeys.changed_last(session, limit=MOST_ASKED)
    hearing = Hearing(client, database)
    ahead = await hearing.ahead(account_ids)
    if hearing.is_silent:
        return [
            note(
                "journeys", "no worker answers for them, so nobody knows whether one is ahead of the database"
            )
        ]
    if not ahead:
        return [
            well("journeys", f"none of the {len(account_ids)} that changed last knows more than the database")
        ]
    return [
        unwell(
            "journeys",
            f"{len(ahead)} of the {len(account_ids)} that changed last know more than the database: if it was restored "
            "from a backup, stop everything and run `offramp restored`",
        )
    ]


def _troubles(lane: Lane, now: datetime) -> Iterator[str]:
    if lane.handed_since and lane.is_late(now):
        yield (
            f"{_NAMES[lane.queue]}: Temporal has {lane.handed}, the oldest since {moment(lane.handed_since)}, "
            "and no sender has taken it; is a worker running?"
        )
    since = lane.still_since()
    if since and lane.stands_still(now):
        yield f"{_NAMES[lane.queue]}: {lane.due} wait for their turn, and nothing has moved since {moment(since)}"
