"""Limits how many nudges Temporal holds: those of the next seconds. All other nudges wait in the database.

A campaign that was handed over as a whole would keep Temporal busy for minutes and delay codes. Cohorts could no
longer share the queue fairly, and nudges could lose their order.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from domain.facts import Channel
from store import Session
from store.messages import hand_overs
from store.messages.messages import Message

BATCH = 500
"""How many messages one query reads at most."""

NUDGES_AT_ONCE = 4
"""How many nudges are handed over side by side: few, so that Temporal has time for codes and notices."""

AHEAD = timedelta(seconds=5)
"""How long the nudges that Temporal holds last at the provider's pace."""

LEAST_AHEAD = 10
UNLIMITED_AHEAD = 500


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How many nudges each channel's provider takes per second; 0 means no limit."""

    per_second: Mapping[Channel, float]

    def next_nudges(self, session: Session, now: datetime) -> Sequence[Message]:
        """The nudges to hand over now. When Temporal holds at most half of its limit, they fill it up."""
        due_nudges: list[Message] = []
        for channel in self.per_second:
            limit = self._ahead(channel)
            room = limit - hand_overs.count_nudges_handed(session, channel)
            if 2 * room >= limit:
                due_nudges += hand_overs.nudges(session, channel, now=now, limit=min(room, BATCH))
        return due_nudges

    def _ahead(self, channel: Channel) -> int:
        limit = self.per_second[channel]
        if not limit:
            return UNLIMITED_AHEAD
        return max(ceil(limit * AHEAD.total_seconds()), LEAST_AHEAD)


def handed_in_vain(session: Session, now: datetime) -> Sequence[Message]:
    """The messages of every purpose that Temporal has for too long, and is given again."""
    return hand_overs.handed_in_vain(session, now=now, limit=BATCH)


def next_waited_for(session: Session, now: datetime) -> Sequence[Message]:
    """The codes and notices to hand over now. They have no pace, because people wait for them."""
    return hand_overs.waited_for(session, now=now, limit=BATCH)
