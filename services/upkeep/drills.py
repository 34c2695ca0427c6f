"""Plays a loss through for everybody whom a cohort has launched. It changes nothing."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from domain.facts import SmsState
from domain.policy import Policy
from domain.ports import Clock
from domain.upkeep.drills import Loss, TimedWay, ways_after_loss
from store import Database, Session
from store.journeys import possessions
from store.people import accounts
from store.rollouts import cohorts, members

BATCH = 500
"""How many people are read at once, each time anew, so that a long drill keeps no snapshot open."""


@dataclass(frozen=True, kw_only=True)
class Drilled:
    """One person after the loss, and the ways in that are left, the fastest first."""

    account_id: str
    external_id: str
    sms: SmsState
    ways: tuple[TimedWay, ...]

    @property
    def first_way(self) -> TimedWay | None:
        """The fastest way in; None if none is left."""
        return self.ways[0] if self.ways else None

    @property
    def gets_in_alone(self) -> bool:
        """Whether they get in without anybody's help."""
        return any(timed.is_own for timed in self.ways)


@dataclass(kw_only=True)
class DrillCount:
    """How a drill went: `first_ways` counts everybody who gets in once, `ways` everybody who has each way."""

    people: int = 0
    first_ways: Counter[TimedWay] = field(default_factory=Counter)
    ways: Counter[TimedWay] = field(default_factory=Counter)
    with_help: int = 0
    not_at_all: int = 0

    @property
    def alone(self) -> int:
        """How many get in without anybody's help."""
        return self.people - self.with_help - self.not_at_all

    def add(self, drilled: Drilled) -> None:
        """Count one person."""
        self.people += 1
        self.ways.update(drilled.ways)
        if drilled.first_way is None:
            self.not_at_all += 1
            return
        self.first_ways[drilled.first_way] += 1
        self.with_help += not drilled.gets_in_alone


def drill(
    database: Database,
    cohort_id: str,
    loss: Loss,
    *,
    clock: Clock,
    rescue_delay: timedelta,
    email_recovers: bool = True,
    tell: Callable[[Drilled], None],
    progress: Callable[[int], None],
) -> DrillCount:
    """Play a loss through, in the order of account ids.

    `tell` hears of everybody who would not get in without help, `progress` after each batch how many were looked at.
    People whom their host has deleted or deactivated are left out.
    """
    count, after = DrillCount(), ""
    while True:
        with database.reading() as session:
            policy = cohorts.description(cohorts.get(session, cohort_id)).policy
            account_ids = members.launched(session, cohort_id, after=after, batch=BATCH)
            batch = _batch(
                session,
                account_ids,
                loss,
                policy,
                rescue_delay=rescue_delay,
                email_recovers=email_recovers,
                now=clock(),
            )
        for drilled in batch:
            count.add(drilled)
            if not drilled.gets_in_alone:
                tell(drilled)
        if len(account_ids) < BATCH:
            return count
        progress(count.people)
        after = account_ids[-1]


def _batch(
    session: Session,
    account_ids: list[str],
    loss: Loss,
    policy: Policy,
    *,
    rescue_delay: timedelta,
    email_recovers: bool = True,
    now: datetime,
) -> list[Drilled]:
    if not account_ids:
        return []
    by_id = accounts.get_many(session, account_ids)
    active_ids = [
        account_id
        for account_id in account_ids
        if not (by_id[account_id].deleted_at or by_id[account_id].deactivated_at)
    ]
    own = possessions.of_accounts(session, active_ids, now=now)
    return [
        Drilled(
            account_id=account_id,
            external_id=by_id[account_id].external_id,
            sms=SmsState(by_id[account_id].sms),
            ways=tuple(
                ways_after_loss(
                    own[account_id], loss, policy, rescue_delay=rescue_delay, email_recovers=email_recovers
                )
            ),
        )
        for account_id in active_ids
    ]
