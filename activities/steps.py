"""One act of a journey, and whether the journey must stand still at its moment."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import structlog

from domain.errors import RetiringStopped
from domain.facts import Channel, Milestone
from store import Session
from store.acts import rests
from store.engine import epochs
from store.people import accounts
from store.rollouts import holds

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class Step:
    """One act of one journey at its moment; only a nudge has a milestone, an ordinal and a channel.

    `epoch` is that of the facts by which the act was planned.
    """

    account_id: str
    at: datetime
    milestone: Milestone | None = None
    ordinal: int = 0
    channel: Channel | None = None
    epoch: int = 0


def is_outdated(session: Session, step: Step) -> bool:
    """Whether the act was planned by another epoch's facts: the database was restored since, and knows less.

    It must change nothing. The facts in the answer are the present epoch's, and make another plan.
    """
    if step.epoch == epochs.current(session):
        return False
    log.warning("act_outdated", account_id=step.account_id, epoch=step.epoch)
    return True


def is_held(session: Session, step: Step) -> bool:
    """Whether the journey must not act now; if its cohort is paused or given up, this also records the hold.

    A moment ago, support may have paused it, or the host may have deactivated the account. The facts show all that,
    and end the wait when they change.
    """
    return rests.puts_off(accounts.get(session, step.account_id), now=step.at) or is_frozen(session, step)


def is_frozen(session: Session, step: Step) -> bool:
    """Whether the account is deactivated, or its cohort stands still; this also records the cohort's hold."""
    if accounts.get(session, step.account_id).deactivated_at:
        return True
    if not holds.is_frozen(session, step.account_id, for_act=True):
        return False
    holds.hold(session, step.account_id, at=step.at)
    return True


@contextmanager
def holding_while_stopped(session: Session, step: Step) -> Iterator[None]:
    """Record a hold if the block was refused because retiring is stopped for the account: the journey goes on later."""
    try:
        yield
    except RetiringStopped:
        holds.hold(session, step.account_id, at=step.at)
