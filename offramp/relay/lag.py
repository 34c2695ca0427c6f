"""How far the relay is behind, as the database shows it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from store import Session
from store.engine import heartbeats
from store.messages import hand_overs
from store.people import journal

LATEST_BEAT = timedelta(seconds=15)
"""A relay that has shown no sign of life for this long is taken for dead."""

LARGEST_LAG = timedelta(seconds=10)
"""What waits longer than this to be handed on is late."""


@dataclass(frozen=True, kw_only=True)
class Lag:
    """How the relay is doing: its last sign of life, and since when the oldest of each waits for it."""

    last_beat: datetime | None
    oldest_entry: datetime | None
    oldest_message: datetime | None

    def problem(self, now: datetime) -> str:
        """What is wrong, in words; empty when nothing is."""
        if self.last_beat is None:
            return "the worker has never run; `offramp worker` or `offramp up` starts it"
        if now - self.last_beat > LATEST_BEAT:
            age = _seconds(now - self.last_beat)
            return f"the worker's last sign of life is {age} old; is `offramp worker` running?"
        waiting = {"journal entries": self.oldest_entry, "messages": self.oldest_message}
        late = [
            f"{name} wait since {_seconds(now - at)}"
            for name, at in waiting.items()
            if at and now - at > LARGEST_LAG
        ]
        return ", ".join(late)


def relay_problem(session: Session, *, now: datetime) -> str:
    """What is wrong with the relay, as the database shows it, in words; empty when nothing is."""
    lag = Lag(
        last_beat=heartbeats.last(session, heartbeats.RELAY),
        oldest_entry=journal.oldest_unpublished(session),
        oldest_message=hand_overs.longest_due(session, now=now),
    )
    return lag.problem(now)


def _seconds(span: timedelta) -> str:
    return f"{span.total_seconds():.0f} s"
