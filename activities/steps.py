"""One act of a journey, and whether the journey must stand still at its moment."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from domain.errors import RetiringStopped
from domain.facts import Channel, Milestone
from store import Session
from store.acts import rests
from store.people import accounts
from store.rollouts import holds


@dataclass(frozen=True, kw_only=True)
class Step:
    """One act of one journey at its moment; only a nudge has a milestone, an ordinal and a channel."""

    account_id: str
    at: datetime
    milestone: Milestone | None = None
    ordinal: int = 0
    channel: Channel | None = None


def is_held(session: Session, step: Step) -> bool:
    """Whether the journey must not act now; if its cohort is paused or given up, this also records the hold.

    Support may have paused it a moment ago. The facts show both, and end the wait when they change.
    """
    if rests.puts_off(accounts.get(session, step.account_id), now=step.at):
        return True
    if not holds.is_frozen(session, step.account_id):
        return False
    holds.hold(session, step.account_id, at=step.at)
    return True


@contextmanager
def holding_while_stopped(session: Session, step: Step) -> Iterator[None]:
    """Record a hold if the block was refused because retiring is stopped for everybody: the journey goes on later."""
    try:
        yield
    except RetiringStopped:
        holds.hold(session, step.account_id, at=step.at)
