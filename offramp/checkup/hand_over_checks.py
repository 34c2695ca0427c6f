"""Says whether messages move in their lanes, and whether all of Temporal has heard of a restored backup."""

from collections.abc import Iterator
from datetime import datetime

from domain.messages.messages import Queue
from offramp.checkup.findings import Finding, note, unwell, well
from offramp.views.terminal import moment
from store import Session
from store.engine import epochs
from store.messages import lanes
from store.messages.lanes import Lane

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


def _troubles(lane: Lane, now: datetime) -> Iterator[str]:
    if lane.handed_since and lane.is_late(now):
        yield (
            f"{_NAMES[lane.queue]}: Temporal has {lane.handed}, the oldest since {moment(lane.handed_since)}, "
            "and no sender has taken it; is a worker running?"
        )
    since = lane.still_since()
    if since and lane.stands_still(now):
        yield f"{_NAMES[lane.queue]}: {lane.due} wait for their turn, and nothing has moved since {moment(since)}"
