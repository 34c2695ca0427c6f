"""Looks at a cohort's play at every commit and after every step, and notes what must never be."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlmodel import col, select

from domain.facts import SmsState
from domain.journey import JourneyAct, plan
from domain.messages.messages import MessageState, Template
from domain.notices import HANDOVER
from domain.rollouts.awaited import wait
from domain.rollouts.buckets import reach
from domain.rollouts.cohorts import Cohort
from domain.rollouts.rollout import FROZEN, Command, Order, Stage, Standing
from store import Database, Session, invariants
from store.journeys import facts, journeys
from store.messages.messages import Message
from store.people.accounts import Account
from store.people.passkeys import Passkey
from store.rollouts import cohorts
from store.rollouts.members import Member
from tests.clocks import START
from tests.workflows.cohort_play import CohortPlay
from tests.workflows.cohort_scene import DAY, SPECIAL
from workflows import rollouts

FORWARD = [SmsState.ON, SmsState.NOTICE, SmsState.SUSPENDED, SmsState.REMOVED]
STARTS_WITHIN = timedelta(hours=13)
"""A launch that nothing stands against goes on after so long: an assessment comes twice a day."""


@dataclass(frozen=True, kw_only=True)
class Person:
    """What a cohort does to one account."""

    account_id: str
    launched_at: datetime | None
    wave: int | None
    bucket: int
    sms: SmsState
    sms_since: datetime | None
    risk_tier: str | None


@dataclass
class Watch:
    """The rules of a play. `breaches` are the ones that were broken, in words."""

    play: CohortPlay
    breaches: list[str] = field(default_factory=list)
    before: dict[str, Person] = field(default_factory=dict)
    shown: dict[str, datetime] = field(default_factory=dict)
    idle_since: datetime = START
    seen_version: int = 0

    def __post_init__(self) -> None:
        self.play.committed = self.committed
        self.play.refused = self.refused
        self.play.edit_refused = self.edit_refused

    @property
    def now(self) -> datetime:
        return self.play.loop.now()

    @property
    def database(self) -> Database:
        return self.play.inner

    def committed(self) -> None:
        """Compare the people with what they were at the last commit."""
        if not self.play.cohort_id:
            return
        with self.database.reading() as session:
            row = cohorts.get(session, self.play.cohort_id)
            cohort, standing = cohorts.description(row), cohorts.standing(row)
            for person in _people(session, self.play.cohort_id):
                before = self.before.get(person.account_id)
                self.before[person.account_id] = person
                if person.launched_at and not (before and before.launched_at):
                    self._launched(person, cohort, standing)
                if before and person.sms != before.sms:
                    self._changed(session, before, person, standing)
        if standing.version != self.seen_version or not self._may_launch(cohort, standing):
            self.seen_version, self.idle_since = standing.version, self.now

    def stepped(self) -> None:
        """Look at what everybody is shown, and at what may not last."""
        with self.database.reading() as session:
            row = cohorts.get(session, self.play.cohort_id)
            cohort, standing = cohorts.description(row), cohorts.standing(row)
            for person in _people(session, self.play.cohort_id):
                self._look_at_page(session, person, standing)
                if not self.play.is_running(rollouts.workflow_id(self.play.cohort_id)):
                    self._over(session, person, standing)
        self._launches_on(cohort, standing)

    def ended(self) -> None:
        """Count the breaches of what must never happen anywhere."""
        with self.database.reading() as session:
            broken = [breach for breach in invariants.breaches(session, now=self.now) if breach.count]
        self.breaches += [f"{breach.invariant} is broken" for breach in broken]

    def refused(self, order: Order, refusal: Exception) -> None:
        """An abort that its author decided on what is still so reaches every running journey."""
        standing = self.play.standing()
        if order.command is not Command.ABORT or standing.stage in (Stage.ABORTED, Stage.ROLLED_BACK):
            return
        if order.seen == standing.version and self.play.running_journeys():
            self.breaches.append(f"out of reach: journeys run, and an abort is refused: {refusal}")

    def edit_refused(self, before: Cohort, after: Cohort, refusal: Exception) -> None:
        """An edit that nobody follows changes nothing."""
        if before != after == self.play.described():
            self.breaches.append(f"an edit changed the database although it was refused: {refusal}")

    def _launched(self, person: Person, cohort: Cohort, standing: Standing) -> None:
        problems = {
            "outside its windows": not cohort.windows.is_open(self.now),
            "while excluded": person.risk_tier == SPECIAL,
            f"while {standing.stage}": standing.stage is not Stage.LAUNCHING,
            "before its wave": person.bucket >= reach(cohort.waves[standing.wave].percent),
        }
        self.breaches += [f"somebody is launched {problem}" for problem, is_so in problems.items() if is_so]
        self.idle_since = self.now

    def _changed(self, session: Session, before: Person, person: Person, standing: Standing) -> None:
        if FORWARD.index(person.sms) < FORWARD.index(before.sms):
            self.shown.pop(person.account_id, None)
            return
        if standing.stage in FROZEN:
            self.breaches.append(f"SMS becomes {person.sms} while the rollout is {standing.stage}")
        shown = self.shown.pop(person.account_id, None)
        if shown and self.now < shown - HANDOVER:
            self.breaches.append(f"SMS becomes {person.sms} {shown - self.now} before the date on the page")
        if person.sms is SmsState.SUSPENDED and before.sms_since:
            self._suspended(session, person.account_id, noticed_since=before.sms_since)

    def _suspended(self, session: Session, account_id: str, *, noticed_since: datetime) -> None:
        promises = list(_told(session, account_id, since=noticed_since))
        if not promises:
            self.breaches.append("somebody is suspended who was not told")
        elif self.now < max(promises) - HANDOVER:
            self.breaches.append(f"somebody is suspended {max(promises) - self.now} before the told date")

    def _look_at_page(self, session: Session, person: Person, standing: Standing) -> None:
        """The account page says when SMS goes: that is a promise, and it must come true."""
        policy = journeys.policies_of(session, [person.account_id]).get(person.account_id)
        if policy is None or person.sms is SmsState.ON:
            return
        planned = plan(person.account_id, facts.read(session, person.account_id), policy)
        if planned.at is None or planned.act not in (JourneyAct.SUSPEND_SMS, JourneyAct.REMOVE_SMS):
            return
        self.shown[person.account_id] = max(self.shown.get(person.account_id, planned.at), planned.at)
        is_due = planned.at + DAY < self.now and not self.play.is_disturbed
        if is_due and standing.stage not in FROZEN:
            self.breaches.append(f"SMS is {person.sms}, and the page says {self.now - planned.at} ago")

    def _over(self, session: Session, person: Person, standing: Standing) -> None:
        """Once a rollout is given up, nobody is left with a date, or without a way in that they have used."""
        if not person.launched_at or standing.stage not in (Stage.ABORTED, Stage.ROLLED_BACK):
            return
        if person.sms is SmsState.NOTICE:
            self.breaches.append(f"the rollout is {standing.stage}, and somebody is under notice for ever")
        if person.sms is not SmsState.SUSPENDED:
            return
        waves = standing.takes_back or (standing.wave,)
        if standing.stage is Stage.ROLLED_BACK and person.wave in waves:
            self.breaches.append("the wave is rolled back, and somebody of it is still suspended")
        if standing.stage is Stage.ABORTED and not _has_signed_in(session, person):
            self.breaches.append("the rollout is aborted, and somebody unproven is still suspended")

    def _may_launch(self, cohort: Cohort, standing: Standing) -> bool:
        """Whether a launch has somebody to start, and may."""
        is_launching = wait(standing, cohort, now=self.now).is_launching
        below = reach(cohort.waves[standing.wave].percent)
        left = [p for p in self.before.values() if not p.launched_at and p.bucket < below]
        return is_launching and any(p.risk_tier != SPECIAL for p in left)

    def _launches_on(self, cohort: Cohort, standing: Standing) -> None:
        closes_at = cohort.windows.closes_at(self.idle_since)
        has_been_open = closes_at is None or closes_at > self.now
        if not self._may_launch(cohort, standing) or not has_been_open:
            self.idle_since = self.now
        elif self.now - self.idle_since > STARTS_WITHIN and not self.play.is_disturbed:
            self.breaches.append(f"a launch stands still for {self.now - self.idle_since} in open windows")


def _people(session: Session, cohort_id: str) -> Iterator[Person]:
    query = select(Account, Member).join(Member, col(Member.account_id) == Account.account_id)
    for account, member in session.exec(query.where(Member.cohort_id == cohort_id)).all():
        yield Person(
            account_id=account.account_id,
            launched_at=member.launched_at,
            wave=member.wave,
            bucket=member.bucket,
            sms=SmsState(account.sms),
            sms_since=account.sms_since,
            risk_tier=account.risk_tier,
        )


def _told(session: Session, account_id: str, *, since: datetime) -> Iterator[datetime]:
    """The days that notices have named: of each notice, by the channel on which it went out first."""
    query = select(Message).where(
        Message.account_id == account_id,
        Message.template == Template.SMS_NOTICE,
        Message.created_at >= since,
        Message.state == MessageState.SENT,
    )
    by_notice: dict[datetime, datetime] = {}
    for notice in session.exec(query).all():
        assert notice.settled_at
        named = notice.settled_at + int(notice.values["days"]) * DAY
        by_notice[notice.created_at] = min(by_notice.get(notice.created_at, named), named)
    yield from by_notice.values()


def _has_signed_in(session: Session, person: Person) -> bool:
    query = select(Passkey.passkey_id).where(
        Passkey.account_id == person.account_id, col(Passkey.last_used_at) >= person.sms_since
    )
    return session.exec(query).first() is not None
