"""How far the relay is behind, as the database shows it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from store import Session
from store.engine import heartbeats
from store.engine.heartbeats import LIVES_FOR, ProcessKind
from store.messages import hand_overs
from store.people import door_notes, journal

LARGEST_LAG = timedelta(seconds=10)
"""A journal entry or a message that waits longer for the relay is late."""


@dataclass(frozen=True, kw_only=True)
class Lag:
    """A worker's last sign of life, and since when the oldest entry, message and note from the door wait."""

    last_beat: datetime | None
    oldest_entry: datetime | None
    oldest_message: datetime | None
    oldest_note: datetime | None

    def problem(self, now: datetime) -> str:
        """Says what is wrong; empty if nothing is wrong."""
        if self.last_beat is None:
            return "the worker has never run; `offramp worker` or `offramp up` starts it"
        if now - self.last_beat > LIVES_FOR:
            age = _seconds(now - self.last_beat)
            return f"the worker's last sign of life is {age} old; is `offramp worker` running?"
        oldest = {
            "journal entries": self.oldest_entry,
            "messages": self.oldest_message,
            "notes from the door": self.oldest_note,
        }
        delays = [
            f"{name} wait since {_seconds(now - at)}"
            for name, at in oldest.items()
            if at and now - at > LARGEST_LAG
        ]
        return ", ".join(delays)


def relay_problem(session: Session, *, now: datetime) -> str:
    """Says what the database shows to be wrong with the relay; empty if nothing is wrong."""
    lag = Lag(
        last_beat=heartbeats.last(session, ProcessKind.WORKER, now=now),
        oldest_entry=journal.oldest_unpublished(session),
        oldest_message=hand_overs.longest_due(session, now=now),
        oldest_note=door_notes.oldest(session),
    )
    return lag.problem(now)


def _seconds(span: timedelta) -> str:
    return f"{span.total_seconds():.0f} s"
