"""How far the relay runs ahead: Temporal holds the nudges of the next seconds, and all others wait in the database.

A campaign that was handed over at once would keep Temporal busy for minutes, and whoever waits for a code would feel
it. Nor could it be shared fairly any more, or hold on to its order.
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
"""How many messages are read in one turn at most."""

NUDGES_AT_ONCE = 4
"""How many nudges are handed over side by side: what somebody waits for finds Temporal with little to do."""

AHEAD = timedelta(seconds=5)
"""For how long Temporal can go on sending nudges while nobody hands it any."""

LEAST_AHEAD = 10
UNLIMITED_AHEAD = 500


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How many nudges each channel's provider takes a second; 0 is no limit."""

    per_second: Mapping[Channel, float]

    def next_nudges(self, session: Session, now: datetime) -> Sequence[Message]:
        """The nudges to hand over now: when half of what Temporal may hold is sent, as many as are gone."""
        found: list[Message] = []
        for channel in self.per_second:
            most = self._ahead(channel)
            room = most - hand_overs.count_nudges_handed(session, channel)
            if 2 * room >= most:
                found += hand_overs.nudges(session, channel, now=now, limit=min(room, BATCH))
        return found

    def _ahead(self, channel: Channel) -> int:
        limit = self.per_second[channel]
        if not limit:
            return UNLIMITED_AHEAD
        return max(ceil(limit * AHEAD.total_seconds()), LEAST_AHEAD)


def next_waited_for(session: Session, now: datetime) -> Sequence[Message]:
    """What people wait for goes at once, however much there is."""
    return hand_overs.waited_for(session, now=now, limit=BATCH)
