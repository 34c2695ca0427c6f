"""Looks at the lanes of messages: what Temporal holds in each, what waits behind it, and whether it moves."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Select, func, select
from sqlmodel import Session, col

from domain.facts import Channel
from domain.messages.messages import MessageState, Purpose, Queue, queue_for
from store.messages.hand_overs import IS_QUEUED, IS_UNDER_WAY, due_at, may_go
from store.messages.messages import Message

HANDED_LATE = timedelta(minutes=5)
"""Temporal begins with a message within seconds, and was given it again by then: one that waits longer is late."""

STILL_AFTER = timedelta(minutes=15)
"""A lane in which messages are due, and in which nothing was handed over or claimed for so long, stands still."""

LANES = (Queue.NOW, Queue.BULK_EMAIL, Queue.BULK_SMS)


@dataclass(frozen=True, kw_only=True)
class Lane:
    """One queue of messages. `handed` counts what Temporal has and nobody has claimed, the oldest since `handed_since`.

    `due` counts what waits for nothing but its turn, the oldest since `due_since`; `moved_at` is the last hand-over or
    claim of what is under way.
    """

    queue: Queue
    handed: int = 0
    handed_since: datetime | None = None
    moved_at: datetime | None = None
    due: int = 0
    due_since: datetime | None = None

    def is_late(self, now: datetime) -> bool:
        """Whether Temporal has a message for longer than it takes to begin with it."""
        return self.handed_since is not None and now - self.handed_since > HANDED_LATE

    def still_since(self) -> datetime | None:
        """Since when nothing has moved although messages are due; None if nothing is due."""
        if self.due_since is None:
            return None
        return max(self.due_since, self.moved_at or self.due_since)

    def stands_still(self, now: datetime) -> bool:
        """Whether the lane does not move."""
        since = self.still_since()
        return since is not None and now - since > STILL_AFTER


def look(session: Session, *, now: datetime) -> list[Lane]:
    """Every lane, as it is now."""
    lanes = {queue: Lane(queue=queue) for queue in LANES}
    for purpose, channel, state, count, first, last, claimed in session.execute(_under_way()):
        lane = lanes[queue_for(Purpose(purpose), Channel(channel))]
        is_handed = state == MessageState.HANDED
        lanes[lane.queue] = replace(
            lane,
            handed=lane.handed + (count if is_handed else 0),
            handed_since=_pick(min, lane.handed_since, first if is_handed else None),
            moved_at=_pick(max, lane.moved_at, last if is_handed else claimed),
        )
    for purpose, channel, count, since in session.execute(_due(now)):
        lane = lanes[queue_for(Purpose(purpose), Channel(channel))]
        lanes[lane.queue] = replace(lane, due=lane.due + count, due_since=_pick(min, lane.due_since, since))
    return list(lanes.values())


def _under_way() -> Select[str, str, str, int, datetime | None, datetime | None, datetime | None]:
    groups = (col(Message.purpose), col(Message.channel), col(Message.state))
    first, last = func.min(col(Message.handed_at)), func.max(col(Message.handed_at))
    return (
        select(*groups, func.count(), first, last, func.max(col(Message.claimed_at)))
        .where(IS_UNDER_WAY)
        .group_by(*groups)
    )


def _due(now: datetime) -> Select[str, str, int, datetime]:
    groups = (col(Message.purpose), col(Message.channel))
    return (
        select(*groups, func.count(), func.min(due_at()))
        .where(IS_QUEUED, due_at() <= now, *may_go(now))
        .group_by(*groups)
    )


def _pick(choose: Callable[..., datetime], *moments: datetime | None) -> datetime | None:
    """The first or the last of the moments that there are."""
    return choose([moment for moment in moments if moment], default=None)
