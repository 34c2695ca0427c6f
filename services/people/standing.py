"""Where a person stands on their way: facts, policy, and what they can do next."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from domain import milestones, prompts
from domain.attempts import Scene
from domain.facts import Facts, Milestone, SmsState
from domain.messages.cadence import has_ended, own_day, own_end
from domain.policy import InsteadOfPasskey, Policy, SecondRoute
from domain.presets import STANDARD
from domain.safety.end_of_codes import Halt
from store import Session
from store.journeys import facts, journeys, promises, retiring
from store.people import accounts, authenticator_apps, passkeys
from store.rollouts import holds, slice_holds


@dataclass(frozen=True, kw_only=True)
class PersonStanding:
    """One account at one moment."""

    account_id: str
    facts: Facts
    policy: Policy
    on_journey: bool
    halt: Halt
    proven_today: bool
    skips_left: int
    skips_end_at: datetime | None
    now: datetime
    cannot_until: datetime | None = None
    """Until when somebody who cannot go on now is left alone, unless they have gone on since."""
    is_spared: bool = False
    """Whether the prompt is kept from the person, on what they use now; whoever asks is not kept from anything."""

    @property
    def next_step(self) -> Milestone | None:
        """What the person can do right now."""
        return milestones.next_step(self.facts, self.policy, proven_today=self.proven_today)

    @property
    def missing(self) -> tuple[Milestone, ...]:
        """The milestones not reached yet."""
        return milestones.missing(self.facts, self.policy)

    @property
    def takes_app_instead(self) -> bool:
        """Whether an authenticator app would be in place of a passkey, which this person has no device for."""
        is_taken = self.policy.instead_of_passkey is InsteadOfPasskey.AUTHENTICATOR_APP
        return is_taken and self.facts.lacks_device and not self.facts.proven_passkeys

    @property
    def app_stands_in(self) -> bool:
        """Whether an authenticator app is in place of a passkey."""
        return milestones.app_stands_in(self.facts, self.policy)

    @property
    def offers_app(self) -> bool:
        """Whether an authenticator app brings this person on: as the second way in, or in place of a passkey."""
        return self.takes_app_instead or SecondRoute.AUTHENTICATOR_APP in self.policy.second_routes

    @property
    def asks_again_at(self) -> datetime | None:
        """When the person is asked for the next step again, if they have said "I can't do this now"; else None."""
        would_be_asked = self.on_journey and not self.halt.is_frozen and self.next_step is not None
        return self.cannot_until if would_be_asked else None

    @property
    def ends_at(self) -> datetime | None:
        """The end date of this person, as their pages name it; None without one, and once it is about nothing."""
        is_open = (
            self.on_journey and not self.halt.is_frozen and self.facts.sms in (SmsState.ON, SmsState.NOTICE)
        )
        return own_end(self.facts, self.policy) if is_open else None

    @property
    def is_over(self) -> bool:
        """Whether text-message codes of this person open the set-up and nothing else."""
        is_named = self.ends_at is not None and not self.halt.is_retiring_stopped
        return is_named and has_ended(self.facts, self.policy, self.now)

    @property
    def ends_on(self) -> date | None:
        """The day of the end date by the person's calendar, as their letters name it."""
        return own_day(self.facts, self.policy) if self.ends_at else None

    @property
    def is_asked(self) -> bool:
        """Whether a sign-in leads into the set-up."""
        step = prompts.step_to_ask(
            self.facts,
            self.policy,
            on_journey=self.on_journey,
            is_frozen=self.halt.is_frozen,
            proven_today=self.proven_today,
            now=self.now,
            is_spared=self.is_spared,
            is_end_put_off=self.halt.is_retiring_stopped,
        )
        return step is not None


def read(session: Session, account_id: str, *, now: datetime, scene: Scene | None = None) -> PersonStanding:
    """Where an account stands. An account on no journey may use the set-up too, by the standard policy.

    `scene` is on what software the person is; without it nobody is spared the prompt because of that.
    """
    account = accounts.get(session, account_id)
    journey = journeys.find(session, account_id)
    policy = journeys.policy_of(session, account_id) or STANDARD
    account_facts = facts.read(session, account_id)
    skips = prompts.skips(account_facts, policy, now, promised=promises.skips_told(account))
    return PersonStanding(
        account_id=account_id,
        facts=account_facts,
        policy=policy,
        on_journey=journey is not None and journey.ended_at is None,
        halt=Halt(
            is_frozen=holds.is_frozen(session, account_id),
            is_retiring_stopped=retiring.is_stopped_for(session, account_id),
        ),
        proven_today=_is_proven(session, account_id, day=today(account.time_zone, now)),
        skips_left=skips.left(account.skips_used, now),
        skips_end_at=skips.until,
        now=now,
        cannot_until=prompts.left_alone_until(account_facts, now) if account.cannot_since else None,
        is_spared=slice_holds.spares(session, account_id, scene),
    )


def _is_proven(session: Session, account_id: str, *, day: date) -> bool:
    """Whether a passkey or an authenticator app of the account signed in on a day, or was set up."""
    apps = authenticator_apps.working(session, account_id)
    return day in passkeys.days_used(session, account_id) or any(app.last_day == day for app in apps)


def today(time_zone: str | None, now: datetime) -> date:
    """The day it is for the person."""
    return now.astimezone(ZoneInfo(time_zone or "UTC")).date()
