"""The life of two healthy cohorts in a database, and what `offramp metrics` says of it, for Prometheus to judge."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import cycle, islice

from prometheus_client import CollectorRegistry
from sqlmodel import select

from domain.counting import KEPT_AFTER_THE_END
from domain.facts import Channel, Method
from domain.journal import Actor, EventKind
from domain.journey import JourneyOutcome, StuckReason
from domain.messages.messages import Fate, MessageState
from domain.presets import FAST
from domain.rollouts.guardrails import Sample, assess
from domain.rollouts.rollout import OVER, Stage, Standing
from offramp.metrics.snapshots import Snapshot
from store import Database, Session
from store.engine import heartbeats
from store.engine.heartbeats import ProcessKind
from store.journeys import journeys, sms
from store.messages import callback_counts, fates
from store.people import journal
from store.people.accounts import Account
from store.rollouts import cohorts, tallies
from store.rollouts.members import Member
from tests import factories
from tests.clocks import START, FakeClock
from tests.dashboards.lives import say

HOUR = timedelta(hours=1)
TICK = HOUR
TO_THE_END = timedelta(hours=46)
POLICY = replace(FAST, name="healthy", notice=4 * HOUR, probation=4 * HOUR, cadence=())

(ENDED,) = OVER - {Stage.ABORTED, Stage.ROLLED_BACK}

PASSED = (assess(factories.make_guardrail(), Sample(hits=0, size=200)),)

STAGES = {
    0: Stage.LAUNCHING,
    2: Stage.BAKING,
    8: Stage.PAUSED,
    20: Stage.BAKING,
    22: Stage.LAUNCHING,
    24: Stage.BAKING,
    30: Stage.DONE,
    42: ENDED,
}
"""What becomes of `spring`, by the hour; `autumn` is like it, judged once a day, and bakes all the time."""

STUCK_UNTIL = 32
"""The tick at which those who were stuck go on."""

_STEPS = {3: sms.give_notice, 8: sms.suspend, 13: sms.remove}
"""What happens to somebody so many ticks after the launch."""

Key = tuple[str, tuple[tuple[str, str], ...]]
"""The name and the labels of a series."""

Samples = dict[Key, float]
"""The values of all series at one moment."""


@dataclass
class HealthyLife:
    """Somebody is launched, signs in, is told, loses SMS and has arrived; a few need longer."""

    database: Database
    clock: FakeClock = field(default_factory=FakeClock)
    launched: dict[str, int] = field(default_factory=dict)

    def begin(self) -> None:
        """Let there be two cohorts, with people in them and beside them."""
        self._snapshot = Snapshot(self.database, self.clock, every=timedelta(seconds=15), sms_price=0.05)
        with self.database.transaction() as session:
            guardrails = (factories.make_guardrail(),)
            for name, every in (("spring", TICK), ("autumn", timedelta(days=1))):
                described = factories.make_cohort(
                    name=name, guardrails=guardrails, policy=POLICY, assess_every=every
                )
                cohort_id = factories.keep_cohort(session, described)
                for held_out in (*[False] * 30, *[True] * 5):
                    account_id = factories.make_ready_account(session).account_id
                    factories.make_member(session, cohort_id, account_id, held_out=held_out, launched_at=None)
            others = [factories.make_account(session).account_id for _ in range(10)]
            rows = {row.name: row.cohort_id for row in cohorts.every(session)}
            members = session.exec(select(Member).order_by(Member.account_id)).all()
            self._members = {
                name: [m.account_id for m in members if m.cohort_id == rows[name] and not m.held_out]
                for name in rows
            }
        self._rows, self._turn, self._ticks = rows, cycle([*others, *(m.account_id for m in members)]), 0

    def recorded(self, lasting: timedelta) -> Iterator[Samples]:
        """What a scrape says, tick by tick."""
        for _ in range(lasting // TICK):
            self._go_on()
            yield self._scrape()
            self._ticks += 1
            self.clock.advance(TICK)

    def wait_until_the_cohort_leaves(self) -> datetime:
        """Go on to two hours before `spring` leaves the metrics; returns the time."""
        self.clock.set(START + 42 * HOUR + KEPT_AFTER_THE_END - 2 * HOUR)
        with self.database.transaction() as session:
            tallies.record(session, self._rows["autumn"], at=self.clock(), assessments=PASSED)
        return self.clock()

    def _go_on(self) -> None:
        hour = self._ticks
        with self.database.transaction() as session:
            now = self.clock()
            heartbeats.beat(session, "worker", ProcessKind.WORKER, at=now)
            for provider in ("sendgrid", "twilio"):
                callback_counts.count(session, provider, "news", times=3, at=now)
            if hour in STAGES:
                standing = Standing(stage=STAGES[hour], wave=int(hour >= 22), version=hour + 2, since=now)
                cohorts.stand(session, self._rows["spring"], standing)
            self._judge(session, hour)
            self._launch(session, hour)
            self._move(session)
            self._sign_in(session)
            for account_id in journal.claim_unpublished(session, now=now, limit=10_000):
                journal.mark_published(session, account_id, up_to_version=10_000, at=now)

    def _judge(self, session: Session, hour: int) -> None:
        if hour < 42:
            tallies.record(session, self._rows["spring"], at=self.clock(), assessments=PASSED)
        if hour == 24:
            tallies.record(session, self._rows["autumn"], at=self.clock(), assessments=PASSED)

    def _launch(self, session: Session, hour: int) -> None:
        """A few people at each tick of a launch: a third of everybody in the first wave, the others in the second."""
        counts = {"spring": 5 if hour < 2 else 10 if 22 <= hour < 24 else 0, "autumn": 5 if hour < 2 else 0}
        for name, count in counts.items():
            waiting = [account_id for account_id in self._members[name] if account_id not in self.launched]
            for account_id in waiting[:count]:
                member = session.get_one(Member, (self._rows[name], account_id))
                member.wave, member.launched_at = int(hour >= 22), self.clock()
                factories.make_journey(session, account_id, POLICY, at=self.clock())
                self._happen(session, account_id, EventKind.JOURNEY_STARTED)
                self.launched[account_id] = self._ticks

    def _move(self, session: Session) -> None:
        """Three hours after the launch comes the notice; one in ten is stuck for long."""
        for number, (account_id, launched_at) in enumerate(self.launched.items()):
            account = session.get_one(Account, account_id)
            is_slow = number % 10 == 3
            if is_slow and self._ticks < STUCK_UNTIL:
                account.stuck_since = account.stuck_since or self.clock()
                account.stuck_reason = StuckReason.NUDGES_USED_UP
                continue
            account.stuck_since = account.stuck_reason = None
            step = _STEPS.get(self._ticks - STUCK_UNTIL + 3 if is_slow else self._ticks - launched_at)
            if step:
                step(session, account_id, POLICY, at=self.clock())
                factories.send_everything(session, account_id, at=self.clock())
            if step is sms.remove:
                journeys.end(session, account_id, JourneyOutcome.MIGRATED, at=self.clock())

    def _sign_in(self, session: Session) -> None:
        """Twenty people sign in; one in forty types a wrong code first, one code in sixty bounces."""
        now = self.clock()
        for number, account_id in enumerate(islice(self._turn, 20), start=20 * self._ticks):
            if number % 40 == 0:
                self._happen(session, account_id, EventKind.SIGN_IN_FAILED, method=Method.SMS)
            if account_id in self.launched:
                self._happen(session, account_id, EventKind.PASSKEY_SIGNED_IN, milliseconds=3_000)
                continue
            channel = Channel.SMS if number % 2 else Channel.EMAIL
            key = say(session, account_id, str(number), channel, MessageState.SENT, now)
            if number % 60 == 0:
                fates.note(session, key, Fate.BOUNCED, reason="told", at=now)
                factories.send_everything(session, account_id, at=now)  # how else to sign in
            self._happen(session, account_id, EventKind.SIGNED_IN, method=Method.SMS, milliseconds=20_000)

    def _happen(self, session: Session, account_id: str, kind: EventKind, **detail: str | int) -> None:
        journal.append(session, account_id, kind, at=self.clock(), actor=Actor.PERSON, **detail)

    def _scrape(self) -> Samples:
        self._snapshot.refresh()
        registry = CollectorRegistry()
        registry.register(self._snapshot)
        return {
            (sample.name, tuple(sorted(sample.labels.items()))): sample.value
            for family in registry.collect()
            for sample in family.samples
        }
