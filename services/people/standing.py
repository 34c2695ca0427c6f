"""Where a person stands on their way: facts, policy, and what they can do next."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from domain import milestones, prompts
from domain.facts import Facts, Milestone
from domain.policy import Policy
from domain.presets import STANDARD
from store import Session
from store.journeys import facts, journeys
from store.people import accounts, passkeys
from store.rollouts import holds


@dataclass(frozen=True, kw_only=True)
class PersonStanding:
    """One account at one moment."""

    account_id: str
    facts: Facts
    policy: Policy
    on_journey: bool
    is_frozen: bool
    proven_today: bool
    skips_left: int
    now: datetime

    @property
    def next_step(self) -> Milestone | None:
        """What the person can do right now."""
        return milestones.next_step(self.facts, self.policy, proven_today=self.proven_today)

    @property
    def missing(self) -> tuple[Milestone, ...]:
        """The milestones not reached yet."""
        return milestones.missing(self.facts, self.policy)

    @property
    def is_asked(self) -> bool:
        """Whether a sign-in leads into the set-up."""
        if not self.on_journey or self.is_frozen or self.next_step is None:
            return False
        return prompts.is_due(self.facts, self.now)


def read(session: Session, account_id: str, *, now: datetime) -> PersonStanding:
    """Where an account stands. An account on no journey may use the set-up too, by the standard policy."""
    account = accounts.get(session, account_id)
    journey = journeys.find(session, account_id)
    policy = journeys.policy_of(session, account_id) or STANDARD
    account_facts = facts.read(session, account_id)
    return PersonStanding(
        account_id=account_id,
        facts=account_facts,
        policy=policy,
        on_journey=journey is not None and journey.ended_at is None,
        is_frozen=holds.is_frozen(session, account_id),
        proven_today=today(account.time_zone, now) in passkeys.days_used(session, account_id),
        skips_left=prompts.skips_left(account.skips_used, account_facts, policy, now),
        now=now,
    )


def today(time_zone: str | None, now: datetime) -> date:
    """The day it is for the person."""
    return now.astimezone(ZoneInfo(time_zone or "UTC")).date()
